// The passes of a network on a card, beside matrix products. Rows lie one after another; images channel by channel. Every
// sum is taken in an order that depends on sizes alone, so that a run repeats to the bit on the same card.

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

// A convolution has the side 3; a block of threads computes GROUP channels at each place.
#define GROUP 8
#define TAPS 9
// Weights of a channel stand 12 numbers apart, so that they are read four at a time.
#define STRIDE 12
#define NO_SLOPE 255
// Numbers that the threads of a block share, as many as a launch says.
#ifndef SHARED_MEMORY
#define SHARED_MEMORY extern __shared__ float4 shared4[]
#endif

// Rows of a table: out[row] = table[rows[row]], or lambda of it and the rest of table[partners[row]].
extern "C" __global__ void gather(const float* table, const u32* rows, const u32* partners, int mixed, float lambda, float* out,
                                  u64 count, u32 width) {
    u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    u64 row = i / width, column = i % width;
    float value = table[(u64)rows[row] * width + column];
    if (mixed) value = lambda * value + (1.0f - lambda) * table[(u64)partners[row] * width + column];
    out[i] = value;
}

// Rows followed by their pieces.
extern "C" __global__ void pieces(const float* in, const u32* columns, const float* lows, const float* widths, float* out,
                                  u64 count, u32 inputs, u32 n_pieces) {
    u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    u32 outputs = inputs + n_pieces;
    u64 row = i / outputs;
    u32 j = (u32)(i % outputs);
    const float* own = in + row * inputs;
    out[i] = j < inputs ? own[j] : fminf(fmaxf((own[columns[j - inputs]] - lows[j - inputs]) / widths[j - inputs], 0.0f), 1.0f);
}

// Factors of units from the generator xoshiro256++, as `fill_dropout_mask` makes them: each number decides four units, its
// lowest 16 bits the first. A thread makes NUMBERS of them; where it starts is found by jumps of NUMBERS * 2^j steps, each a
// matrix of bits, a column of four words for each of the state's 256 bits.
#define NUMBERS 32
extern "C" __global__ void dropout_mask(const u64* jumps, u64 s0, u64 s1, u64 s2, u64 s3, u32 bound, float kept, float* mask,
                                        u64 count) {
    u64 thread = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (thread * NUMBERS * 4 >= count) return;
    u64 s[4] = {s0, s1, s2, s3};
    for (int j = 0; (thread >> j) != 0; j++) {
        if (((thread >> j) & 1) == 0) continue;
        const u64* columns = jumps + (u64)j * 1024;
        u64 to[4] = {0, 0, 0, 0};
#pragma unroll
        for (int word = 0; word < 4; word++) {
            for (int bit = 0; bit < 64; bit++) {
                u64 taken = 0 - ((s[word] >> bit) & 1);
                const u64* column = columns + (word * 64 + bit) * 4;
                to[0] ^= column[0] & taken;
                to[1] ^= column[1] & taken;
                to[2] ^= column[2] & taken;
                to[3] ^= column[3] & taken;
            }
        }
        s[0] = to[0]; s[1] = to[1]; s[2] = to[2]; s[3] = to[3];
    }
    u64 first = thread * NUMBERS * 4;
    for (int number = 0; number < NUMBERS; number++) {
        u64 sum = s[0] + s[3];
        u64 bits = ((sum << 23) | (sum >> 41)) + s[0];
        u64 t = s[1] << 17;
        s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3];
        s[2] ^= t;
        s[3] = (s[3] << 45) | (s[3] >> 19);
        for (int unit = 0; unit < 4; unit++) {
            u64 i = first + (u64)number * 4 + unit;
            if (i < count) mask[i] = (u32)(u16)(bits >> (16 * unit)) < bound ? 0.0f : kept;
        }
    }
}

// What follows the products of a dense layer: biases, and where `rectified` a rectifier and the factors of dropout.
extern "C" __global__ void after_product(float* values, const float* bias, const float* mask, int rectified, int dropped,
                                         u64 count, u32 width) {
    u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    float value = values[i] + bias[i % width];
    if (rectified) {
        // What is not a number stays so.
        value = value <= 0.0f ? 0.0f : value;
        if (dropped) value *= mask[i];
    }
    values[i] = value;
}

// Gradients with respect to the products of a dense layer, in place of those by its outputs, and their sums over rows.
extern "C" __global__ void before_product(float* gradients, const float* values, float* sums, int rectified, float kept, u32 rows,
                                          u32 width) {
    __shared__ float of_rows[8][32];
    u32 column = blockIdx.x * 32 + threadIdx.x;
    float sum = 0.0f;
    if (column < width) {
        for (u32 row = threadIdx.y; row < rows; row += 8) {
            u64 i = (u64)row * width + column;
            float gradient = gradients[i];
            if (rectified) {
                gradient = values[i] > 0.0f ? gradient * kept : 0.0f;
                gradients[i] = gradient;
            }
            sum += gradient;
        }
    }
    of_rows[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && column < width) {
        sum = 0.0f;
        for (int part = 0; part < 8; part++) sum += of_rows[part][threadIdx.x];
        sums[column] = sum;
    }
}

// Sums of each column of `values`.
extern "C" __global__ void sum_rows(const float* values, float* sums, u32 rows, u32 width) {
    __shared__ float of_rows[8][32];
    u32 column = blockIdx.x * 32 + threadIdx.x;
    float sum = 0.0f;
    if (column < width)
        for (u32 row = threadIdx.y; row < rows; row += 8) sum += values[(u64)row * width + column];
    of_rows[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y == 0 && column < width) {
        sum = 0.0f;
        for (int part = 0; part < 8; part++) sum += of_rows[part][threadIdx.x];
        sums[column] = sum;
    }
}

// Adds to `sums` the four sums of GROUP channels at 2 × 2 pixels: `at` is the first of the 4 × 4 pixels that they see, in a
// plane of `row` numbers a row; planes lie `plane` apart, the weights of an input channel `apart` numbers.
__device__ void convolve(const float* at, const float* weights, int channels, int plane, int row, int apart,
                         float sums[GROUP][4]) {
    for (int channel = 0; channel < channels; channel++) {
        float v[4][4];
#pragma unroll
        for (int y = 0; y < 4; y++)
#pragma unroll
            for (int x = 0; x < 4; x++) v[y][x] = at[channel * plane + y * row + x];
#pragma unroll
        for (int g = 0; g < GROUP; g++) {
            const float4* packed = (const float4*)(weights + channel * apart + g * STRIDE);
            float4 a = packed[0], b = packed[1], c = packed[2];
            float w[TAPS] = {a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w, c.x};
#pragma unroll
            for (int y = 0; y < 3; y++)
#pragma unroll
                for (int x = 0; x < 3; x++) {
                    float weight = w[y * 3 + x];
                    sums[g][0] += v[y][x] * weight;
                    sums[g][1] += v[y][x + 1] * weight;
                    sums[g][2] += v[y + 1][x] * weight;
                    sums[g][3] += v[y + 1][x + 1] * weight;
                }
        }
    }
}

// Convolution, biases, rectifier, and the largest of each 2 × 2 pixels, of which `notes` keeps the place. A block has an image
// and `blockDim.y` groups of channels.
extern "C" __global__ void conv_pool(const float* in, const float* weights, const float* bias, float* out, u8* notes, int inputs,
                                     int outputs, int height, int width) {
    SHARED_MEMORY;
    float* own = (float*)shared4;
    int row = width + 2, plane = (height + 2) * row, groups = blockDim.y;
    int apart = groups * GROUP * STRIDE;
    float* x = own + inputs * apart;
    const float* image = in + (u64)blockIdx.x * inputs * height * width;
    int thread = threadIdx.y * blockDim.x + threadIdx.x, threads = blockDim.x * blockDim.y;
    for (int i = thread; i < inputs * plane; i += threads) {
        int channel = i / plane, r = i % plane / row - 1, c = i % row - 1;
        // i % plane % row is i % row: a plane is whole rows.
        bool inside = r >= 0 && r < height && c >= 0 && c < width;
        x[i] = inside ? image[((u64)channel * height + r) * width + c] : 0.0f;
    }
    int first_of_block = blockIdx.y * groups * GROUP;
    for (int i = thread; i < inputs * groups * GROUP * TAPS; i += threads) {
        int tap = i % TAPS, g = i / TAPS % (groups * GROUP), channel = i / TAPS / (groups * GROUP);
        int output = first_of_block + g;
        own[channel * apart + g * STRIDE + tap] = output < outputs ? weights[((u64)output * inputs + channel) * TAPS + tap] : 0.0f;
    }
    __syncthreads();
    int first = first_of_block + threadIdx.y * GROUP, across = width / 2, places = height / 2 * across;
    for (int place = threadIdx.x; place < places; place += blockDim.x) {
        float sums[GROUP][4] = {};
        const float* at = x + place / across * 2 * row + place % across * 2;
        convolve(at, own + threadIdx.y * GROUP * STRIDE, inputs, plane, row, apart, sums);
#pragma unroll
        for (int g = 0; g < GROUP; g++) {
            if (first + g >= outputs) break;
            float best = sums[g][0];
            int chosen = 0;
#pragma unroll
            for (int i = 1; i < 4; i++)
                if (!(sums[g][i] <= best)) {
                    best = sums[g][i];
                    chosen = i;
                }
            best += bias[first + g];
            bool none = best <= 0.0f;
            u64 slot = ((u64)blockIdx.x * outputs + first + g) * places + place;
            out[slot] = none ? 0.0f : best;
            notes[slot] = none ? NO_SLOPE : chosen;
        }
    }
}

// Gradients with respect to the inputs of a convolution, from those by its pooled outputs.
extern "C" __global__ void conv_input_gradients(const float* gradients, const u8* notes, const float* weights, float* input_gradients,
                                             int inputs, int outputs, int height, int width) {
    SHARED_MEMORY;
    float* own = (float*)shared4;
    int row = width + 2, plane = (height + 2) * row, groups = blockDim.y;
    int apart = groups * GROUP * STRIDE;
    float* s = own + outputs * apart;
    int across = width / 2, places = height / 2 * across;
    int thread = threadIdx.y * blockDim.x + threadIdx.x, threads = blockDim.x * blockDim.y;
    for (int i = thread; i < outputs * plane; i += threads) s[i] = 0.0f;
    int first_of_block = blockIdx.y * groups * GROUP;
    for (int i = thread; i < outputs * groups * GROUP * TAPS; i += threads) {
        int tap = i % TAPS, g = i / TAPS % (groups * GROUP), output = i / TAPS / (groups * GROUP);
        int input = first_of_block + g;
        // What was seen to the upper left of an output is to its lower right when looked at from there.
        own[output * apart + g * STRIDE + tap] = input < inputs ? weights[((u64)output * inputs + input) * TAPS + 8 - tap] : 0.0f;
    }
    __syncthreads();
    u64 start = (u64)blockIdx.x * outputs * places;
    for (int i = thread; i < outputs * places; i += threads) {
        int note = notes[start + i];
        if (note == NO_SLOPE) continue;
        int channel = i / places, place = i % places;
        int r = place / across * 2 + note / 2 + 1, c = place % across * 2 + note % 2 + 1;
        s[channel * plane + r * row + c] = gradients[start + i];
    }
    __syncthreads();
    int first = first_of_block + threadIdx.y * GROUP;
    for (int place = threadIdx.x; place < places; place += blockDim.x) {
        float sums[GROUP][4] = {};
        int r = place / across * 2, c = place % across * 2;
        convolve(s + r * row + c, own + threadIdx.y * GROUP * STRIDE, outputs, plane, row, apart, sums);
#pragma unroll
        for (int g = 0; g < GROUP; g++) {
            if (first + g >= inputs) break;
            float* to = input_gradients + (((u64)blockIdx.x * inputs + first + g) * height + r) * width + c;
            to[0] = sums[g][0];
            to[1] = sums[g][1];
            to[width] = sums[g][2];
            to[width + 1] = sums[g][3];
        }
    }
}

// Gradients with respect to the weights and biases of a convolution over every gridDim.x-th image: a row of `partial` for each block, weights
// before biases. A block has `pairs` pairs of an output and an input channel, in `parts` parts of the places each.
extern "C" __global__ void conv_weight_gradients(const float* in, const float* gradients, const u8* notes, float* partial, int images,
                                              int inputs, int outputs, int height, int width, int pairs) {
    SHARED_MEMORY;
    int row = width + 2, plane = (height + 2) * row | 1, across = width / 2, places = height / 2 * across;
    float* x = (float*)shared4;
    float* sums = x + inputs * plane;
    int parts = blockDim.x / pairs, part = threadIdx.x / pairs;
    int pair = blockIdx.y * pairs + threadIdx.x % pairs;
    bool takes_part = part < parts && pair < inputs * outputs;
    int output = pair / inputs, input = pair % inputs;
    float of_taps[TAPS] = {}, of_bias = 0.0f;
    for (int image = blockIdx.x; image < images; image += gridDim.x) {
        __syncthreads();
        for (int i = threadIdx.x; i < inputs * plane; i += blockDim.x) {
            int channel = i / plane, r = i % plane / row - 1, c = i % plane % row - 1;
            bool inside = r >= 0 && r < height && c >= 0 && c < width;
            x[i] = inside ? in[(((u64)image * inputs + channel) * height + r) * width + c] : 0.0f;
        }
        __syncthreads();
        if (!takes_part) continue;
        u64 start = ((u64)image * outputs + output) * places;
        for (int place = part; place < places; place += parts) {
            int note = notes[start + place];
            if (note == NO_SLOPE) continue;
            float gradient = gradients[start + place];
            const float* at = x + input * plane + (place / across * 2 + note / 2) * row + place % across * 2 + note % 2;
            of_bias += gradient;
#pragma unroll
            for (int r = 0; r < 3; r++)
#pragma unroll
                for (int c = 0; c < 3; c++) of_taps[r * 3 + c] += gradient * at[r * row + c];
        }
    }
    // Ten numbers a thread, one after another, so that little memory is enough.
    int n_weights = inputs * outputs * TAPS;
    float* to = partial + (u64)blockIdx.x * (n_weights + outputs);
#pragma unroll
    for (int number = 0; number <= TAPS; number++) {
        __syncthreads();
        sums[threadIdx.x] = number < TAPS ? of_taps[number < TAPS ? number : 0] : of_bias;
        __syncthreads();
        if (part == 0 && takes_part) {
            float sum = 0.0f;
            for (int i = 0; i < parts; i++) sum += sums[i * pairs + threadIdx.x];
            if (number < TAPS) to[pair * TAPS + number] = sum;
            else if (input == 0) to[n_weights + output] = sum;
        }
    }
}

// A step of Adam with decoupled weight decay.
extern "C" __global__ void adamw(float* parameters, const float* gradient, float* first, float* second, const u8* decays,
                                 float decay, float first_scale, float second_scale, u64 count) {
    u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    float g = gradient[i];
    float m = first[i] * 0.9f + g * 0.1f;
    float v = second[i] * 0.999f + g * g * 0.001f;
    first[i] = m;
    second[i] = v;
    float spread = sqrtf(v * second_scale) + 1e-8f;
    parameters[i] = parameters[i] * (decays[i] ? decay : 1.0f) - m * first_scale / spread;
}
