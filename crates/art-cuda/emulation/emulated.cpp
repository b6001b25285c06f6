// The kernels on the processor, held against plain loops: what can be known of them without a card. Each thread of a block is a
// thread here, and a barrier is a barrier. `cargo xtask gpu-check --emulate` compiles and runs it.

#include <barrier>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

struct Index {
    unsigned x = 0, y = 0, z = 0;
};
struct float4 {
    float x, y, z, w;
};

static thread_local Index threadIdx, blockIdx;
static Index blockDim, gridDim;
static std::barrier<>* of_block;
alignas(16) static float4 shared4[16 * 1024];

#define __global__
#define __device__
#define __shared__ static
#define SHARED_MEMORY
#define __syncthreads() of_block->arrive_and_wait()

#include "../src/kernels.cu"

static void launch(Index grid, Index block, const std::function<void()>& kernel) {
    blockDim = block;
    gridDim = grid;
    unsigned n = block.x * block.y;
    std::barrier barrier(n);
    of_block = &barrier;
    for (unsigned y = 0; y < grid.y; y++)
        for (unsigned x = 0; x < grid.x; x++) {
            std::vector<std::thread> threads;
            for (unsigned t = 0; t < n; t++)
                threads.emplace_back([=, &kernel] {
                    threadIdx = {t % block.x, t / block.x, 0};
                    blockIdx = {x, y, 0};
                    kernel();
                    // A thread that returned early is not waited for.
                    of_block->arrive_and_drop();
                });
            for (auto& thread : threads) thread.join();
            barrier.~barrier();
            new (&barrier) std::barrier<>(n);
        }
}

static unsigned state = 12345;
static float number() {
    state = state * 1664525u + 1013904223u;
    return (float)(state >> 8) / 16777216.0f * 2.0f - 1.0f;
}
static std::vector<float> numbers(size_t n) {
    std::vector<float> values(n);
    for (auto& value : values) value = number();
    return values;
}

static bool failed = false;
static void same(const char* what, const std::vector<float>& found, const std::vector<double>& expected) {
    double largest = 0, difference = 0;
    for (size_t i = 0; i < expected.size(); i++) {
        largest = std::fmax(largest, std::fabs(expected[i]));
        double d = std::fabs(found[i] - expected[i]);
        difference = d <= difference ? difference : d;
    }
    bool agrees = difference <= 1e-5 * largest;
    failed |= !agrees;
    std::printf("%-60s %.1e of %.1e%s\n", what, difference, largest, agrees ? "" : "  DIFFERS");
}

static unsigned up(unsigned n, unsigned d) { return (n + d - 1) / d; }

struct Shape {
    int n, inputs, outputs, height, width;
};

static void convolutions(Shape s) {
    int across = s.width / 2, places = s.height / 2 * across;
    auto in = numbers((size_t)s.n * s.inputs * s.height * s.width);
    auto weights = numbers((size_t)s.outputs * s.inputs * 9), bias = numbers(s.outputs);
    auto pixel = [&](int b, int c, int y, int x) -> double {
        bool inside = y >= 0 && y < s.height && x >= 0 && x < s.width;
        return inside ? in[(((size_t)b * s.inputs + c) * s.height + y) * s.width + x] : 0.0;
    };
    size_t made = (size_t)s.n * s.outputs * places;
    std::vector<double> expected(made);
    std::vector<int> at(made, -1);
    for (int b = 0; b < s.n; b++)
        for (int o = 0; o < s.outputs; o++)
            for (int p = 0; p < places; p++) {
                double best = -1e30;
                int chosen = 0;
                for (int i = 0; i < 4; i++) {
                    int y = p / across * 2 + i / 2, x = p % across * 2 + i % 2;
                    double sum = bias[o];
                    for (int c = 0; c < s.inputs; c++)
                        for (int t = 0; t < 9; t++)
                            sum += weights[((size_t)o * s.inputs + c) * 9 + t] * pixel(b, c, y + t / 3 - 1, x + t % 3 - 1);
                    if (sum > best) best = sum, chosen = i;
                }
                size_t slot = ((size_t)b * s.outputs + o) * places + p;
                expected[slot] = std::fmax(best, 0.0);
                if (best > 0) at[slot] = chosen;
            }
    unsigned threads = std::min(256u, up(places, 32) * 32);
    auto groups_of = [&](int channels) {
        unsigned groups = up(channels, GROUP);
        return std::min(groups, std::max(1u, 512 / threads));
    };
    std::vector<float> out(made, NAN);
    std::vector<u8> notes(made, 77);
    unsigned groups = groups_of(s.outputs);
    launch({(unsigned)s.n, up(up(s.outputs, GROUP), groups)}, {threads, groups}, [&] {
        conv_pool(in.data(), weights.data(), bias.data(), out.data(), notes.data(), s.inputs, s.outputs, s.height, s.width);
    });
    same("convolution with pooling", out, expected);
    for (size_t i = 0; i < made; i++)
        if ((notes[i] == NO_SLOPE ? -1 : notes[i]) != at[i]) failed = true, std::printf("  note %zu is %d, not %d\n", i, notes[i], at[i]);

    auto gradients = numbers(made);
    std::vector<double> by_weights(weights.size() + s.outputs), by_input(in.size());
    for (size_t slot = 0; slot < made; slot++) {
        if (at[slot] < 0) continue;
        int p = slot % places, o = slot / places % s.outputs, b = slot / places / s.outputs;
        int y = p / across * 2 + at[slot] / 2, x = p % across * 2 + at[slot] % 2;
        by_weights[weights.size() + o] += gradients[slot];
        for (int c = 0; c < s.inputs; c++)
            for (int t = 0; t < 9; t++) {
                int yy = y + t / 3 - 1, xx = x + t % 3 - 1;
                by_weights[((size_t)o * s.inputs + c) * 9 + t] += gradients[slot] * pixel(b, c, yy, xx);
                if (yy >= 0 && yy < s.height && xx >= 0 && xx < s.width)
                    by_input[(((size_t)b * s.inputs + c) * s.height + yy) * s.width + xx] +=
                        (double)gradients[slot] * weights[((size_t)o * s.inputs + c) * 9 + t];
            }
    }
    std::vector<float> input_gradients(in.size(), NAN);
    groups = groups_of(s.inputs);
    launch({(unsigned)s.n, up(up(s.inputs, GROUP), groups)}, {threads, groups}, [&] {
        conv_input_gradients(gradients.data(), notes.data(), weights.data(), input_gradients.data(), s.inputs, s.outputs, s.height, s.width);
    });
    same("gradients with respect to the inputs of a convolution", input_gradients, by_input);

    int pairs = std::min(512, s.inputs * s.outputs), block = 512 / pairs * pairs;
    unsigned rows = std::min(s.n, 2);
    std::vector<float> partial(rows * by_weights.size(), NAN), sums(by_weights.size(), NAN);
    launch({rows, up(s.inputs * s.outputs, pairs)}, {(unsigned)block, 1}, [&] {
        conv_weight_gradients(in.data(), gradients.data(), notes.data(), partial.data(), s.n, s.inputs, s.outputs, s.height, s.width, pairs);
    });
    launch({up(sums.size(), 32), 1}, {32, 8}, [&] { sum_rows(partial.data(), sums.data(), rows, sums.size()); });
    same("gradients with respect to the weights of a convolution", sums, by_weights);
}

static void rows_and_dense() {
    const int table_rows = 7, width = 5, n = 9;
    auto table = numbers(table_rows * width);
    std::vector<u32> rows, partners;
    for (int i = 0; i < n; i++) rows.push_back(i * 3 % table_rows), partners.push_back(i * 5 % table_rows);
    std::vector<float> out(n * width);
    for (int mixed = 0; mixed < 2; mixed++) {
        std::vector<double> expected;
        for (int i = 0; i < n * width; i++) {
            double own = table[rows[i / width] * width + i % width], other = table[partners[i / width] * width + i % width];
            expected.push_back(mixed ? 0.3f * own + (1 - 0.3f) * other : own);
        }
        launch({2, 1}, {32, 1}, [&] { gather(table.data(), rows.data(), partners.data(), mixed, 0.3f, out.data(), n * width, width); });
        same(mixed ? "mixed rows" : "rows", out, expected);
    }
    std::vector<u32> columns = {1, 1, 3};
    std::vector<float> lows = {-0.5f, 0.1f, -1.0f}, widths = {0.6f, 0.4f, 2.0f}, pieced(n * (width + 3));
    std::vector<double> expected;
    for (int row = 0; row < n; row++) {
        for (int j = 0; j < width; j++) expected.push_back(out[row * width + j]);
        for (int j = 0; j < 3; j++)
            expected.push_back(std::fmin(std::fmax((out[row * width + columns[j]] - (double)lows[j]) / widths[j], 0), 1));
    }
    launch({up(pieced.size(), 32), 1}, {32, 1}, [&] {
        pieces(out.data(), columns.data(), lows.data(), widths.data(), pieced.data(), pieced.size(), width, 3);
    });
    same("pieces", pieced, expected);

    const int across = 45, count = n * across;
    auto sums = numbers(count), bias = numbers(across), gradients = numbers(count);
    std::vector<float> mask;
    for (int i = 0; i < count; i++) mask.push_back(i % 3 ? 1.25f : 0.0f);
    std::vector<double> values, by_sums, by_bias(across);
    for (int i = 0; i < count; i++) {
        values.push_back(std::fmax(sums[i] + bias[i % across], 0.0f) * mask[i]);
        by_sums.push_back(values[i] > 0 ? gradients[i] * 1.25 : 0.0);
        by_bias[i % across] += by_sums[i];
    }
    launch({up(count, 64), 1}, {64, 1}, [&] { after_product(sums.data(), bias.data(), mask.data(), 1, 1, count, across); });
    same("rectifier and dropout", sums, values);
    std::vector<float> found(across);
    launch({2, 1}, {32, 8}, [&] { before_product(gradients.data(), sums.data(), found.data(), 1, 1.25f, n, across); });
    same("gradients before them", gradients, by_sums);
    same("gradients with respect to biases", found, by_bias);
}

static u64 rotated(u64 x, int by) { return (x << by) | (x >> (64 - by)); }

static void masks() {
    // Jumps of 2^j steps, by taking them.
    std::vector<u64> jumps;
    auto steps = [](u64 s[4], u64 n) {
        for (u64 i = 0; i < n; i++) {
            u64 t = s[1] << 17;
            s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3];
            s[2] ^= t;
            s[3] = rotated(s[3], 45);
        }
    };
    for (int j = 0; j < 4; j++)
        for (int bit = 0; bit < 256; bit++) {
            u64 s[4] = {0, 0, 0, 0};
            s[bit / 64] = 1ull << (bit % 64);
            steps(s, (u64)NUMBERS << j);
            jumps.insert(jumps.end(), s, s + 4);
        }
    const size_t count = 1205;
    u64 s[4] = {1, 2, 3, ~4ull};
    std::vector<double> expected;
    for (size_t i = 0; i < count; i += 4) {
        u64 bits = rotated(s[0] + s[3], 23) + s[0];
        steps(s, 1);
        for (int unit = 0; unit < 4 && i + unit < count; unit++) expected.push_back((u16)(bits >> (16 * unit)) < 13107 ? 0 : 1.25);
    }
    std::vector<float> mask(count, NAN);
    launch({1, 1}, {64, 1}, [&] { dropout_mask(jumps.data(), 1, 2, 3, ~4ull, 13107, 1.25f, mask.data(), count); });
    same("dropout masks", mask, expected);
}

static void optimizer() {
    const int n = 50;
    auto parameters = numbers(n), gradient = numbers(n), first = numbers(n), second = numbers(n);
    for (auto& v : second) v = std::fabs(v);
    std::vector<u8> decays;
    std::vector<double> expected;
    for (int i = 0; i < n; i++) {
        decays.push_back(i % 2);
        double m = 0.9 * first[i] + 0.1 * gradient[i], v = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i];
        expected.push_back(parameters[i] * (i % 2 ? 0.99 : 1.0) - m * 0.01 / (std::sqrt(v * 2.0) + 1e-8));
    }
    launch({1, 1}, {64, 1}, [&] {
        adamw(parameters.data(), gradient.data(), first.data(), second.data(), decays.data(), 0.99f, 0.01f, 2.0f, n);
    });
    same("AdamW", parameters, expected);
}

int main() {
    rows_and_dense();
    masks();
    optimizer();
    for (Shape s : {Shape{3, 1, 16, 28, 28}, Shape{3, 16, 32, 14, 14}, Shape{2, 3, 5, 8, 12}, Shape{2, 40, 20, 4, 4}}) {
        std::printf("%d images, %d to %d channels, %d x %d\n", s.n, s.inputs, s.outputs, s.height, s.width);
        convolutions(s);
    }
    return failed ? 1 : 0;
}
