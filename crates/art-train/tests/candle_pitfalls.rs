//! What the tensor library does wrong today, so that we notice when it is mended.

use candle_core::{Device, Tensor, Var};

/// The gradient of a 2 × 2 pooling is divided by the number of pixels. When this fails, the pooling in
/// `src/model/layers.rs` may become the library's.
#[test]
fn pooling_of_the_library_divides_its_gradient_by_four() {
    let image = Tensor::arange(0.0_f32, 16.0, &Device::Cpu)
        .unwrap()
        .reshape((1, 1, 4, 4));
    let image = Var::from_tensor(&image.unwrap()).unwrap();
    let sum = image.max_pool2d(2).unwrap().sum_all().unwrap();
    let gradients = sum.backward().unwrap();
    let gradients = gradients
        .get(&image)
        .unwrap()
        .flatten_all()
        .unwrap()
        .to_vec1::<f32>()
        .unwrap();
    let mut right = [0.0; 16];
    for largest in [5, 7, 13, 15] {
        right[largest] = 1.0;
    }
    let quartered: Vec<f32> = right.iter().map(|gradient| gradient / 4.0).collect();
    assert_eq!(gradients, quartered);
}
