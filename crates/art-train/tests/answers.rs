//! Decisions by costs and by a number of rows.

use art_core::Seed;
use art_data::GaussianClasses;
use art_train::{Answers, Classifier, ClassifierParams, CostMatrix, PartRecord, Prior};

fn classifier(counts: Vec<usize>) -> (Classifier, Answers, Vec<u32>) {
    let data = GaussianClasses::new(counts, 3).separation(1.0);
    let data = data.generate(Seed::new(3)).unwrap();
    let params = ClassifierParams::new().check().unwrap();
    let classifier = params.fit_dataset(&data).unwrap();
    let answers = classifier.answer(data.features()).unwrap();
    (classifier, answers, data.labels().to_vec())
}

#[test]
fn at_most_takes_the_likeliest_rows_and_no_others() {
    let (_, answers, _) = classifier(vec![150, 40, 20]);
    let probabilities = answers.probabilities(Prior::Natural);
    for n in [0, 1, 17, 210, 500] {
        let classes = answers.classes_at_most(2, n).unwrap();
        let taken = |row: &usize| classes[*row] == 2;
        let rows = 0..classes.len();
        assert_eq!(rows.clone().filter(taken).count(), n.min(210));
        let of_class = probabilities.column(2);
        let lowest = rows.clone().filter(taken).map(|row| of_class[row]);
        let lowest = lowest.fold(f64::INFINITY, f64::min);
        for row in rows.filter(|row| !taken(row)) {
            assert!(of_class[row] <= lowest);
            let besides = usize::from(probabilities[[row, 1]] > probabilities[[row, 0]]);
            assert_eq!(classes[row] as usize, besides);
        }
    }
    assert!(answers.classes_at_most(3, 1).is_err());
}

#[test]
fn equal_costs_take_the_likeliest_and_a_dear_miss_is_missed_less() {
    let (_, answers, labels) = classifier(vec![150, 40]);
    let costs = |missed: f64| {
        let costs = CostMatrix::new(vec![vec![0.0, missed], vec![1.0, 0.0]]);
        answers.classes_by_costs(&costs.unwrap()).unwrap()
    };
    let equal = costs(1.0);
    let probabilities = answers.probabilities(Prior::Natural);
    let likelier = |p: ndarray::ArrayView1<'_, f64>| u32::from(p[1] > p[0]);
    let expected: Vec<u32> = probabilities.rows().into_iter().map(likelier).collect();
    assert_eq!(equal, expected);
    let found = |classes: &[u32]| {
        let pairs = classes.iter().zip(&labels);
        pairs.filter(|pair| *pair == (&1, &1)).count()
    };
    assert!(found(&costs(20.0)) > found(&equal));
    let of_three = (0..3).map(|k| (0..3).map(|j| f64::from(u8::from(j != k))).collect());
    let of_three = CostMatrix::new(of_three.collect()).unwrap();
    assert!(answers.classes_by_costs(&of_three).is_err());
}

#[test]
fn a_part_holds_what_was_decided_and_how_rows_are_ranked() {
    let (_, answers, labels) = classifier(vec![150, 40, 20]);
    let part = PartRecord::of("test", &answers, &labels).unwrap();
    assert_eq!(part.confusion.total(), 210);
    assert_eq!(part.rankings.len(), 3);
    for (class, ranking) in part.rankings.iter().enumerate() {
        let support = part.confusion.support(class);
        let share = support as f64 / 210.0;
        assert!(ranking.average_precision.unwrap() > share);
        assert!(ranking.cuts.len() <= 100);
        assert_eq!(ranking.cuts.last().unwrap().found, support);
        assert!(ranking.cuts.is_sorted_by(|a, b| a.score > b.score));
    }
    let text = serde_json::to_string(&part).unwrap();
    assert_eq!(serde_json::from_str::<PartRecord>(&text).unwrap(), part);
    // What older programs wrote.
    let mut old: serde_json::Value = serde_json::from_str(&text).unwrap();
    old.as_object_mut().unwrap().remove("rankings");
    let old: PartRecord = serde_json::from_value(old).unwrap();
    assert!(old.rankings.is_empty());
}

#[test]
fn a_column_that_says_everything_is_the_most_important() {
    let rows = 400_usize;
    let mut stream = Seed::new(9).stream("noise", 0);
    let labels: Vec<u32> = (0..rows).map(|row| u32::from(row % 4 == 0)).collect();
    let features = ndarray::Array2::from_shape_fn((rows, 3), |(row, column)| match column {
        1 => labels[row] as f32 + 0.1 * stream.normal() as f32,
        _ => stream.normal() as f32,
    });
    let names = ["a", "b", "c"].map(String::from);
    let classes = ["no", "yes"].map(String::from).to_vec();
    let data = art_data::Dataset::new(features.clone(), labels.clone(), names.to_vec(), classes);
    let params = ClassifierParams::new().check().unwrap();
    let classifier = params.fit_dataset(&data.unwrap()).unwrap();
    let frame = art_data::Frame::of_numbers(features.view(), &names);
    let all: Vec<u32> = (0..rows as u32).collect();
    let found = classifier
        .importance(&frame, &all, &labels, Seed::new(1))
        .unwrap();
    assert_eq!(found[0].column, "b");
    assert!(found[0].loss > 0.3, "{found:?}");
    assert!(found[1..].iter().all(|of| of.loss.abs() < 0.1), "{found:?}");
    let again = classifier.importance(&frame, &all, &labels, Seed::new(1));
    assert_eq!(again.unwrap(), found);
}
