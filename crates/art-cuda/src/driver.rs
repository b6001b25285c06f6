//! A card and what can be started on it. Both unsafe places of the crate are here: launching a kernel and taking a product.
//! Each function makes sure that the buffers hold what its kernel reads and writes.

use crate::{
    jumps::{Jumps, State},
    launch::{ConvShape, SHARED, blocks_of, of_columns, of_each},
};
use cudarc::{
    cublas::{
        CudaBlas, Gemm, GemmConfig,
        sys::cublasOperation_t::{self, CUBLAS_OP_N, CUBLAS_OP_T},
    },
    driver::{
        CudaContext, CudaFunction, CudaSlice, CudaStream, CudaView, CudaViewMut, DevicePtr,
        LaunchConfig, PushKernelArg,
        sys::CUfunction_attribute_enum::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
    },
    nvrtc::{CompileOptions, compile_ptx_with_opts},
};
use std::{fmt::Display, sync::Arc};

/// Something that a card or its driver refused.
#[derive(Debug, thiserror::Error)]
#[error("{doing}: {reason}")]
pub struct CardError {
    doing: &'static str,
    reason: String,
}

impl CardError {
    fn of<E: Display>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self {
            doing,
            reason: error.to_string(),
        }
    }
}

type Done = Result<(), CardError>;

/// Numbers of the generator that a thread makes of a mask; `NUMBERS` of the kernels, as a power of 2.
const NUMBERS_LOG_2: usize = 5;
/// Powers of 2 that a jump may be of.
const POWERS: usize = 40;

/// The kernels, by name.
struct Kernels {
    gather: CudaFunction,
    pieces: CudaFunction,
    dropout_mask: CudaFunction,
    after_product: CudaFunction,
    before_product: CudaFunction,
    sum_rows: CudaFunction,
    conv_pool: CudaFunction,
    conv_input_gradients: CudaFunction,
    conv_weight_gradients: CudaFunction,
    adamw: CudaFunction,
}

/// An NVIDIA card, ready for work: one stream, in order.
pub struct Card {
    stream: Arc<CudaStream>,
    blas: CudaBlas,
    kernels: Kernels,
    jumps: Jumps,
    jump_words: CudaSlice<u64>,
    multiprocessors: u32,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Card({})", self.stream.context().ordinal())
    }
}

/// Starts a kernel: its function, shape and arguments.
macro_rules! launch {
    ($card:expr, $name:ident, $config:expr, $($argument:expr),* $(,)?) => {{
        // SAFETY: the arguments are those of the kernel of this name, in order, and the function around this has made sure
        // that its buffers are as long as the kernel reads and writes for this shape. All work is on one stream.
        #[allow(unsafe_code, reason = "the one place where kernels are launched")]
        let started = unsafe {
            $card.stream.launch_builder(&$card.kernels.$name)$(.arg($argument))*.launch($config)
        };
        started.map(drop).map_err(CardError::of(concat!("starting the kernel ", stringify!($name))))
    }};
}

impl Card {
    /// The card with this number.
    ///
    /// # Errors
    /// [`CardError`] where there is none, or its driver is too old for this program.
    pub fn new(ordinal: usize) -> Result<Self, CardError> {
        let context = CudaContext::new(ordinal).map_err(CardError::of("opening the card"))?;
        // SAFETY: everything of this crate is on the one stream below, so that no event need order anything.
        #[allow(unsafe_code, reason = "as stated")]
        unsafe {
            context.disable_event_tracking();
        }
        let stream = context
            .new_stream()
            .map_err(CardError::of("opening a stream"))?;
        let (major, minor) = context
            .compute_capability()
            .map_err(CardError::of("asking the card"))?;
        let options = CompileOptions {
            options: vec![format!("-arch=compute_{major}{minor}")],
            ..CompileOptions::default()
        };
        let program = compile_ptx_with_opts(include_str!("kernels.cu"), options)
            .map_err(CardError::of("compiling the kernels"))?;
        let module = context
            .load_module(program)
            .map_err(CardError::of("loading the kernels"))?;
        let kernel = |name| {
            module
                .load_function(name)
                .map_err(CardError::of("loading a kernel"))
        };
        let kernels = Kernels {
            gather: kernel("gather")?,
            pieces: kernel("pieces")?,
            dropout_mask: kernel("dropout_mask")?,
            after_product: kernel("after_product")?,
            before_product: kernel("before_product")?,
            sum_rows: kernel("sum_rows")?,
            conv_pool: kernel("conv_pool")?,
            conv_input_gradients: kernel("conv_input_gradients")?,
            conv_weight_gradients: kernel("conv_weight_gradients")?,
            adamw: kernel("adamw")?,
        };
        for kernel in [
            &kernels.conv_pool,
            &kernels.conv_input_gradients,
            &kernels.conv_weight_gradients,
        ] {
            let shared = CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            kernel
                .set_attribute(shared, SHARED as i32)
                .map_err(CardError::of("asking for shared memory"))?;
        }
        let blas = CudaBlas::new(stream.clone()).map_err(CardError::of("opening cuBLAS"))?;
        let jumps = Jumps::new(POWERS);
        let words = stream.clone_htod(&jumps.words(NUMBERS_LOG_2));
        let jump_words = words.map_err(CardError::of("sending numbers"))?;
        let count =
            cudarc::driver::sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
        let multiprocessors = context
            .attribute(count)
            .map_err(CardError::of("asking the card"))?;
        Ok(Self {
            blas,
            kernels,
            jumps,
            jump_words,
            multiprocessors: multiprocessors.max(1) as u32,
            stream,
        })
    }

    pub(crate) fn zeros<T: cudarc::driver::DeviceRepr + cudarc::driver::ValidAsZeroBits>(
        &self,
        n: usize,
    ) -> Result<CudaSlice<T>, CardError> {
        // A buffer of nothing is not to be had.
        self.stream
            .alloc_zeros(n.max(1))
            .map_err(CardError::of("taking memory on the card"))
    }

    pub(crate) fn send<T: cudarc::driver::DeviceRepr>(
        &self,
        values: &[T],
    ) -> Result<CudaSlice<T>, CardError> {
        self.stream
            .clone_htod(values)
            .map_err(CardError::of("sending numbers to the card"))
    }

    pub(crate) fn send_into<T: cudarc::driver::DeviceRepr>(
        &self,
        values: &[T],
        into: &mut CudaSlice<T>,
    ) -> Done {
        assert!(values.len() <= into.len(), "room for the numbers");
        self.stream
            .memcpy_htod(values, into)
            .map_err(CardError::of("sending numbers to the card"))
    }

    /// Copies numbers back, and waits for them.
    pub(crate) fn receive<T: cudarc::driver::DeviceRepr, S: DevicePtr<T>>(
        &self,
        values: &S,
        into: &mut [T],
    ) -> Done {
        assert_eq!(values.len(), into.len(), "as many numbers");
        self.stream
            .memcpy_dtoh(values, into)
            .map_err(CardError::of("getting numbers from the card"))?;
        self.stream
            .synchronize()
            .map_err(CardError::of("waiting for the card"))
    }

    pub(crate) fn copy<T>(&self, from: &CudaSlice<T>, to: &mut CudaSlice<T>) -> Done {
        assert_eq!(from.len(), to.len(), "as many numbers");
        self.stream
            .memcpy_dtod(from, to)
            .map_err(CardError::of("copying on the card"))
    }

    /// Rows `rows` of `table`; with partners, `lambda` of each and the rest of its partner.
    pub(crate) fn gather(
        &self,
        (table, width): (&CudaSlice<f32>, usize),
        (rows, n): (&CudaSlice<u32>, usize),
        mix: Option<(&CudaSlice<u32>, f32)>,
        out: &mut CudaSlice<f32>,
    ) -> Done {
        let count = n * width;
        assert!(rows.len() >= n && out.len() >= count);
        assert!(mix.is_none_or(|(partners, _)| partners.len() >= n));
        let (partners, lambda) = mix.unwrap_or((rows, 1.0));
        let mixed = i32::from(mix.is_some());
        launch!(
            self,
            gather,
            of_each(count),
            table,
            rows,
            partners,
            &mixed,
            &lambda,
            out,
            &(count as u64),
            &(width as u32)
        )
    }

    #[allow(clippy::too_many_arguments, reason = "a kernel's")]
    pub(crate) fn pieces(
        &self,
        input: &CudaView<'_, f32>,
        (columns, lows, widths): (&CudaSlice<u32>, &CudaSlice<f32>, &CudaSlice<f32>),
        out: &mut CudaSlice<f32>,
        n: usize,
        inputs: usize,
        n_pieces: usize,
    ) -> Done {
        let count = n * (inputs + n_pieces);
        assert!(input.len() >= n * inputs && out.len() >= count);
        assert!(columns.len() >= n_pieces && lows.len() >= n_pieces && widths.len() >= n_pieces);
        launch!(
            self,
            pieces,
            of_each(count),
            input,
            columns,
            lows,
            widths,
            out,
            &(count as u64),
            &(inputs as u32),
            &(n_pieces as u32)
        )
    }

    /// The factors of `count` units from a generator in this state, whose numbers from `skip` on decide them; a unit is dropped
    /// where its 16 bits are below `bound`.
    pub(crate) fn dropout_mask(
        &self,
        state: State,
        skip: u64,
        (bound, kept): (u32, f32),
        mask: &mut CudaSlice<f32>,
        count: usize,
    ) -> Done {
        assert!(mask.len() >= count);
        let [s0, s1, s2, s3] = self.jumps.ahead(state, skip);
        let threads = count.div_ceil(4 << NUMBERS_LOG_2);
        launch!(
            self,
            dropout_mask,
            blocks_of(threads, 64),
            &self.jump_words,
            &s0,
            &s1,
            &s2,
            &s3,
            &bound,
            &kept,
            mask,
            &(count as u64)
        )
    }

    /// Biases and, where `rectified`, a rectifier and the factors of `mask`.
    pub(crate) fn after_product(
        &self,
        values: &mut CudaSlice<f32>,
        bias: &CudaView<'_, f32>,
        rectified: bool,
        mask: Option<&CudaSlice<f32>>,
        (n, width): (usize, usize),
    ) -> Done {
        let count = n * width;
        assert!(values.len() >= count && bias.len() >= width);
        assert!(mask.is_none_or(|mask| mask.len() >= count));
        let (rectified, dropped) = (i32::from(rectified), i32::from(mask.is_some()));
        let config = of_each(count);
        let (count, width) = (count as u64, width as u32);
        // Any buffer will do that is not looked at.
        if let Some(mask) = mask {
            launch!(
                self,
                after_product,
                config,
                values,
                bias,
                mask,
                &rectified,
                &dropped,
                &count,
                &width
            )
        } else {
            launch!(
                self,
                after_product,
                config,
                values,
                bias,
                bias,
                &rectified,
                &dropped,
                &count,
                &width
            )
        }
    }

    /// Gradients with respect to the sums of a dense layer in place of those by its outputs, and the gradients by its biases.
    pub(crate) fn before_product(
        &self,
        gradients: &mut CudaSlice<f32>,
        values: &CudaSlice<f32>,
        sums: &mut CudaViewMut<'_, f32>,
        rectified: Option<f32>,
        (n, width): (usize, usize),
    ) -> Done {
        assert!(gradients.len() >= n * width && values.len() >= n * width && sums.len() >= width);
        let (is_rectified, kept) = (i32::from(rectified.is_some()), rectified.unwrap_or(1.0));
        launch!(
            self,
            before_product,
            of_columns(width),
            gradients,
            values,
            sums,
            &is_rectified,
            &kept,
            &(n as u32),
            &(width as u32)
        )
    }

    pub(crate) fn conv_pool(
        &self,
        input: &CudaView<'_, f32>,
        (weights, bias): (&CudaView<'_, f32>, &CudaView<'_, f32>),
        out: &mut CudaSlice<f32>,
        notes: &mut CudaSlice<u8>,
        (n, shape): (usize, ConvShape),
    ) -> Done {
        let ConvShape {
            inputs,
            outputs,
            height,
            width,
        } = shape;
        assert!(input.len() >= n * inputs * height * width && weights.len() >= shape.n_weights());
        let made = n * outputs * shape.places();
        assert!(out.len() >= made && notes.len() >= made && bias.len() >= outputs);
        let config = shape.pass(n, inputs, outputs).expect("a shape that fits");
        let [inputs, outputs, height, width] = [inputs, outputs, height, width].map(|n| n as i32);
        launch!(
            self, conv_pool, config, input, weights, bias, out, notes, &inputs, &outputs, &height,
            &width
        )
    }

    pub(crate) fn conv_input_gradients(
        &self,
        gradients: &CudaSlice<f32>,
        notes: &CudaSlice<u8>,
        weights: &CudaView<'_, f32>,
        input_gradients: &mut CudaSlice<f32>,
        (n, shape): (usize, ConvShape),
    ) -> Done {
        let ConvShape {
            inputs,
            outputs,
            height,
            width,
        } = shape;
        let made = n * outputs * shape.places();
        assert!(
            gradients.len() >= made && notes.len() >= made && weights.len() >= shape.n_weights()
        );
        assert!(input_gradients.len() >= n * inputs * height * width);
        let config = shape.pass(n, outputs, inputs).expect("a shape that fits");
        let [inputs, outputs, height, width] = [inputs, outputs, height, width].map(|n| n as i32);
        launch!(
            self,
            conv_input_gradients,
            config,
            gradients,
            notes,
            weights,
            input_gradients,
            &inputs,
            &outputs,
            &height,
            &width
        )
    }

    /// Rows of partial sums that [`conv_weight_gradients`](Self::conv_weight_gradients) makes of `n` images.
    pub(crate) fn partial_rows(&self, n: usize) -> usize {
        n.min(2 * self.multiprocessors as usize)
    }

    /// Gradients with respect to weights and biases, into `gradient`.
    pub(crate) fn conv_weight_gradients(
        &self,
        input: &CudaView<'_, f32>,
        (gradients, notes): (&CudaSlice<f32>, &CudaSlice<u8>),
        partial: &mut CudaSlice<f32>,
        gradient: &mut CudaViewMut<'_, f32>,
        (n, shape): (usize, ConvShape),
    ) -> Done {
        let ConvShape {
            inputs,
            outputs,
            height,
            width,
        } = shape;
        let made = n * outputs * shape.places();
        let (rows, n_parameters) = (self.partial_rows(n), shape.n_weights() + outputs);
        assert!(
            input.len() >= n * inputs * height * width
                && gradients.len() >= made
                && notes.len() >= made
        );
        assert!(partial.len() >= rows * n_parameters && gradient.len() >= n_parameters);
        let (threads, pairs) = shape.weight_threads();
        let config = LaunchConfig {
            grid_dim: (rows as u32, (inputs * outputs).div_ceil(pairs) as u32, 1),
            block_dim: (threads as u32, 1, 1),
            shared_mem_bytes: shape.weight_bytes() as u32,
        };
        let [n, inputs, outputs, height, width, pairs] =
            [n, inputs, outputs, height, width, pairs].map(|n| n as i32);
        launch!(
            self,
            conv_weight_gradients,
            config,
            input,
            gradients,
            notes,
            &mut *partial,
            &n,
            &inputs,
            &outputs,
            &height,
            &width,
            &pairs
        )?;
        let (rows, width) = (rows as u32, n_parameters as u32);
        launch!(
            self,
            sum_rows,
            of_columns(n_parameters),
            &*partial,
            gradient,
            &rows,
            &width
        )
    }

    /// A step of AdamW; scales are those of decay and of the first and second moment.
    pub(crate) fn adamw(
        &self,
        parameters: &mut CudaSlice<f32>,
        gradient: &CudaSlice<f32>,
        (first, second): (&mut CudaSlice<f32>, &mut CudaSlice<f32>),
        decays: &CudaSlice<u8>,
        [decay, first_scale, second_scale]: [f32; 3],
    ) -> Done {
        let n = parameters.len();
        assert!([gradient.len(), first.len(), second.len(), decays.len()] == [n; 4]);
        launch!(
            self,
            adamw,
            of_each(n),
            parameters,
            gradient,
            first,
            second,
            decays,
            &decay,
            &first_scale,
            &second_scale,
            &(n as u64)
        )
    }

    /// `c = a b` of row-major matrices `(m, k)` and `(k, n)`; one that is transposed lies the other way round in memory.
    pub(crate) fn multiply<
        A: DevicePtr<f32>,
        B: DevicePtr<f32>,
        C: cudarc::driver::DevicePtrMut<f32>,
    >(
        &self,
        (a, a_transposed): (&A, bool),
        (b, b_transposed): (&B, bool),
        c: &mut C,
        [m, k, n]: [usize; 3],
    ) -> Done {
        assert!(
            a.len() >= m * k && b.len() >= k * n && c.len() >= m * n,
            "a product's sizes"
        );
        let how = |transposed| -> cublasOperation_t {
            if transposed { CUBLAS_OP_T } else { CUBLAS_OP_N }
        };
        // cuBLAS goes column by column, in which order the product is cᵀ = bᵀ aᵀ.
        let config = GemmConfig {
            transa: how(b_transposed),
            transb: how(a_transposed),
            m: n as i32,
            n: m as i32,
            k: k as i32,
            alpha: 1.0,
            lda: if b_transposed { k } else { n } as i32,
            ldb: if a_transposed { m } else { k } as i32,
            beta: 0.0,
            ldc: n as i32,
        };
        // SAFETY: the buffers are as long as these sizes say, as made sure above.
        #[allow(unsafe_code, reason = "the one place where products are taken")]
        let started = unsafe { self.blas.gemm(config, b, a, c) };
        started.map_err(CardError::of("taking a product"))
    }
}
