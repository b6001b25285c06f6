//! Draws, lists of methods, and what holds for every command.

mod common;

use common::{art, data, file, people, stderr, stdout, train};

#[test]
fn drawn_rows_are_those_of_the_library() {
    use art_core::{ArtParams, ArtSampler, ClassIndex, ConfusionMatrix, EpochSampler, Seed};
    let folder = tempfile::tempdir().unwrap();
    let labels: Vec<u32> = (0..200).map(|row| u32::from(row % 5 == 0)).collect();
    let lines: Vec<&str> = labels
        .iter()
        .map(|&l| if l == 0 { "no" } else { "yes" })
        .collect();
    let path = file(folder.path(), "labels.txt", lines.join("\n"));
    let index = ClassIndex::new(&labels, 2).unwrap();
    let config = ArtParams::new()
        .blend_constant(0.3)
        .boost_frequency(2)
        .check()
        .unwrap();
    let mut sampler = ArtSampler::new(config, index, Seed::new(9)).unwrap();
    let common = [
        "draw",
        &path,
        "--blend",
        "0.3",
        "--boost-every",
        "2",
        "--seed",
        "9",
    ];
    let printed = |more: &[&str]| {
        let text = stdout(&[&common[..], more].concat());
        text.lines()
            .map(|line| line.parse().unwrap())
            .collect::<Vec<u32>>()
    };
    assert_eq!(printed(&["--epoch", "2"]), sampler.draw(2).to_vec());
    let matrix = ConfusionMatrix::from_rows(&[vec![8, 2], vec![3, 7]]).unwrap();
    sampler.observe(2, &matrix).unwrap();
    let f1 = matrix.per_class_f1();
    let json = serde_json::json!({"no": f1[0], "yes": f1[1]}).to_string();
    let f1 = file(folder.path(), "f1.json", json);
    let whole = printed(&["--epoch", "3", "--f1", &f1]);
    assert_eq!(whole, sampler.draw(3).to_vec());
    let shard = printed(&["--epoch", "3", "--f1", &f1, "--shard", "1/4"]);
    let expected: Vec<u32> = whole.iter().copied().skip(1).step_by(4).collect();
    assert_eq!(shard, expected);
}

#[test]
fn all_methods_are_listed_with_what_is_missing() {
    let text = stdout(&["methods"]);
    for expected in [
        "art                  adaptive resampling-based training (ART 2025)",
        "blend 0.5: 1 is the class prior alone, 0 the difficulty alone; tuned over 0.05 to 0.95",
        "not built: weights inside a batch",
        "+tau-e               prior correction, then a logit offset",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let methods: serde_json::Value = serde_json::from_str(&stdout(&["methods", "--json"])).unwrap();
    let of = |id: &str| {
        let mut methods = methods.as_array().unwrap().iter();
        methods.find(|method| method["id"] == id).unwrap()
    };
    assert_eq!(of("smote")["sources"][0]["doi"], "10.1613/jair.953");
    assert_eq!(of("art")["settings"][0]["recorded_as"], "c");
    assert_eq!(of("art")["follows_validation"], true);
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1").display().to_string();
    let told = stdout(&["man", &pages]);
    assert!(told.contains("pages in"), "{told}");
    let page = |name: &str| std::fs::read_to_string(folder.path().join("man1").join(name)).unwrap();
    assert!(page("art.1").contains("inspect"));
    assert!(page("art-train.1").contains("\\-\\-folds"));
    assert!(page("art-bench-submit.1").contains("slurm"));
}

#[test]
fn completions_are_printed() {
    let script = stdout(&["completions", "bash"]);
    for expected in ["_art", "art,bench)", "--shard", "--cells", "--reviews"] {
        assert!(script.contains(expected), "{expected}");
    }
}

#[test]
fn outputs_never_take_the_place_of_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..80)
        .map(|i| format!("{},{}\n", i % 9, i % 4 / 3))
        .collect();
    let text = format!("x,y\n{}", rows.concat());
    let table = file(folder.path(), "t.csv", &text);
    let again = format!("{}/./t.csv", folder.path().display());
    let common = [&table[..], "--target", "y"];
    for rest in [
        &["train", "--out", &again][..],
        &["resample", "--method", "ros", "--out", &again],
        &[
            "resample",
            "--method",
            "ros",
            "--out",
            "new.csv",
            "--origins",
            "./new.csv",
        ],
    ] {
        let arguments = [&rest[..1], &common, &rest[1..]].concat();
        let said = stderr(&arguments);
        assert!(said.contains("would be gone"), "{said}");
    }
    assert_eq!(std::fs::read_to_string(&table).unwrap(), text);
}

#[test]
fn a_minus_is_the_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let table = people(folder.path());
    let text = std::fs::read(&table).unwrap();
    let model = train(folder.path(), "m.art", &["--epochs", "2"]);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let labels = file(folder.path(), "labels.txt", "a\nb\na\na\n");
    let from = |name: &str, input: &[u8], rest: &[&str]| {
        let command = [&rest[..1], &[name], &rest[1..]].concat();
        let output = art(&command)
            .write_stdin(input)
            .assert()
            .success()
            .get_output()
            .clone();
        String::from_utf8(output.stdout).unwrap()
    };
    let (piped, named) = (at("piped"), at("named"));
    let of_people = ["--target", "left", "--ignore", "id"];
    for rest in [&["inspect"][..], &["inspect", "--json"]] {
        let rest = [rest, &of_people].concat();
        let expected = from(&table, b"", &rest).replace(&table, "standard input");
        assert_eq!(from("-", &text, &rest), expected);
    }
    let fit = [
        "train", "--target", "left", "--ignore", "id", "--epochs", "2", "--out",
    ];
    from("-", &text, &[&fit[..], &[&piped]].concat());
    assert!(std::fs::read(&piped).unwrap() == std::fs::read(&model).unwrap());
    let resample = ["resample", "--target", "left", "--method", "smote", "--out"];
    from("-", &text, &[&resample[..], &[&named]].concat());
    assert_eq!(
        std::fs::read_to_string(&named).unwrap().lines().count(),
        181
    );
    let predict = |name: &str, input: &[u8]| {
        let command = ["predict", &model, name, "--id", "id"];
        let output = art(&command)
            .write_stdin(input)
            .assert()
            .success()
            .get_output()
            .clone();
        output.stdout
    };
    assert_eq!(predict("-", &text), predict(&table, b""));
    assert_eq!(
        from("-", b"a\nb\na\na\n", &["draw"]),
        from(&labels, b"", &["draw"])
    );
    let out = at("out");
    let compare = ["compare", "--methods", "ros", "--seeds", "2", "--out", &out];
    let said = from("-", &text, &[&compare[..], &of_people].concat());
    assert!(said.contains("stdin: "), "{said}");
    // What is wrong with it is said of it by its name.
    let output = art(&["inspect", "-", "--target", "t"])
        .write_stdin("x,t\n1\n")
        .assert()
        .code(2);
    let said = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert!(
        said.starts_with("error: standard input, line 2: "),
        "{said}"
    );
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_utf_8_is_a_name() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"b\xe9.csv");
    let table = folder.path().join(name);
    std::fs::copy(people(folder.path()), &table).unwrap();
    let mut command = art(&["inspect", "--target", "left"]);
    command.arg(&table).assert().success();
}

#[cfg(unix)]
#[test]
fn what_a_killed_command_left_of_the_standard_input_is_cleared_away() {
    use std::{fs, io::Write, process::Stdio};
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("temporary");
    fs::create_dir(&temporary).unwrap();
    let text = fs::read(people(folder.path())).unwrap();
    let inspect = ["inspect", "-", "--target", "left"];
    let kept = || {
        let entries = fs::read_dir(&temporary).unwrap().flatten();
        let folders =
            entries.filter(|entry| fs::symlink_metadata(entry.path().join("stdin")).is_ok());
        folders.count()
    };
    // It waits for more as long as the pipe is open.
    let waiting = |n_before: usize| {
        let running = std::process::Command::new(env!("CARGO_BIN_EXE_art"))
            .args(inspect)
            .env("TMPDIR", &temporary)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        while kept() == n_before {
            std::thread::yield_now();
        }
        running
    };
    let whole = || {
        let mut command = art(&inspect);
        let command = command.env("TMPDIR", &temporary).write_stdin(&*text);
        command.assert().success().get_output().stdout.clone()
    };
    let mut other = waiting(0);
    let mut killed = waiting(1);
    killed.kill().unwrap();
    killed.wait().unwrap();
    let expected = whole();
    // What is in use stays.
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 1);
    other.stdin.take().unwrap().write_all(&text).unwrap();
    let output = other.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout == expected);
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_device_that_cannot_be_used_is_named_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let table = people(folder.path());
    let out = folder.path().join("x").display().to_string();
    let sets = data("");
    let of_table = [&*table, "--target", "left", "--out", &out];
    let commands = [
        [&["train"][..], &of_table].concat(),
        [&["compare"][..], &of_table].concat(),
        vec!["bench", "run", "--quick", "--data", &sets, "--out", &out],
    ];
    for mut words in commands {
        words.extend(["--device", "cuda:0"]);
        let refused = stderr(&words);
        assert!(refused.contains("this build is without CUDA"), "{refused}");
    }
    let typed = [&["train"][..], &of_table, &["--device", "gpu"]].concat();
    assert!(stderr(&typed).contains("expected cpu or cuda:N"));
    assert!(!std::path::Path::new(&out).exists());
}
