#include "cpu/winograd_layer.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <variant>

namespace tilewright::cpu {
namespace {

constexpr int kLeastChannels = 16;  // input channels; with fewer, the transforms cost what the products save
constexpr int kLeastPoints = 16;    // per strip
constexpr std::size_t kMostScratch = std::size_t{512} << 10;
constexpr int kMorePoints = 11;   // the kernel reads this many points beyond the last one
constexpr int kLeastWindows = 4;  // of 4x4 outputs in a map; with fewer, blocks of points would be padded

/// The transform of the weights along one axis, by product and kernel position. Factors are chosen so that
/// all numbers are integers of 16 bits, which makes outputs too large by window_scale(edge).
constexpr int kTransform3[3][3] = {{1, 0}, {1, 1}, {0, 1}};
constexpr int kTransform4[4][3] = {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}};
constexpr int kTransform5[5][3] = {{3, 0}, {-3, -3}, {-1, 1}, {1, 2}, {0, 6}};
constexpr int kTransform6[6][3] = {{6, 0, 0}, {-4, -4, -4}, {-4, 4, -4}, {1, 2, 4}, {1, -2, 4}, {0, 0, 3}};

const int (*transform_of(int edge))[3] {
    return edge == 3 ? kTransform3 : edge == 4 ? kTransform4 : edge == 5 ? kTransform5 : kTransform6;
}

bool is_transposed(const Stage& stage) {
    return std::holds_alternative<ops::ConvTranspose2d>(stage.step->op);
}

/// Returns a bound of the magnitude of the sums.
std::int64_t most_sum(const LayerGeometry& source) {
    std::int64_t most = 0;
    for (const PhaseSource& phase : source.phases) {
        for (int lane = 0; lane < source.lanes; ++lane) {
            std::int64_t sum = std::abs(std::int64_t{phase.bias[static_cast<std::size_t>(lane)]});
            for (std::size_t position = 0; position < phase.positions.size(); ++position) {
                const std::int8_t* const weights = phase.weights(static_cast<int>(position), lane);
                for (int in = 0; weights && in < source.in_channels; ++in) {
                    sum += 255 * std::abs(int{weights[in]});
                }
            }
            most = std::max(most, sum);
        }
    }
    return most;
}

/// Whether scaled sums, of which an odd factor is divided out modulo 2^32, fit 32 bits.
bool fits(std::int64_t sum, int edge) {
    const int scale = window_scale(edge);
    return sum * (scale % 9 == 0 ? scale / 9 : scale) < std::int64_t{1} << 31;
}

/// Returns the algorithm with the fewest products that applies.
int choose_edge(const Stage& stage, const LayerGeometry& source) {
    const int kernel = is_transposed(stage) ? 2 : 3;
    const bool in_fours = source.height % 4 == 0 && source.width % 4 == 0 &&
                          source.height / 4 * (source.width / 4) >= kLeastWindows;
    return kernel + (in_fours && fits(most_sum(source), kernel + 3) ? 3 : 1);
}

}  // namespace

bool WinogradLayer::suits(const Stage& stage, const CpuLayerGeometry& source, const Kernels& kernels) {
    if (!kernels.winograd.multiply || source.group != 1 || source.in_channels < kLeastChannels ||
        source.lanes < kernels.lanes || source.height % 2 != 0 || source.width % 2 != 0) {
        return false;
    }
    if (is_transposed(stage)) {
        return true;
    }
    const auto* conv = std::get_if<ops::Conv2d>(&stage.step->op);
    if (!conv) {
        return false;
    }
    const ops::Convolution& c = conv->convolution;
    return c.kernel.y == 3 && c.kernel.x == 3 && c.dilations.y == 1 && c.dilations.x == 1 &&
           fits(most_sum(source), 4);
}

WinogradLayer::WinogradLayer(const Stage& stage, CpuLayerGeometry source, const Layout& input,
                             const Layout& output, const Kernels& kernels, int most_tiles)
    : Layer(stage, std::move(source), input, output, kernels), edge_(choose_edge(stage, source_)) {
    reads_border_ = true;
    pack_transformed_weights();
    make_phases();
    for (const int tiles : kTileCounts) {
        if (tiles <= most_tiles) {
            points_[tiles] = list_points(tiles);
        }
    }
    const auto products = static_cast<std::uint64_t>(edge_ * edge_ * source_.in_channels * source_.lanes);
    multiply_adds_ = products * source_.phases.size() *
                     static_cast<std::uint64_t>(windows_along(source_.height) * windows_along(source_.width));
    for (PhaseSource& phase : source_.phases) {
        phase.weights = nullptr;  // the op's arrays may be freed before this layer
    }
}

void WinogradLayer::pack_transformed_weights() {
    const auto row = [this](std::size_t p, int tap, int lane, std::int16_t* to) {
        const PhaseSource& phase = source_.phases[p];
        const int size = edge_ + 1 - window_outputs(edge_);  // of the kernel
        const int (*const transform)[3] = transform_of(edge_);
        const auto factor = [&](int product, int position, bool second) {
            // With 2x2 outputs, the second phase along an axis shares its first value with the first phase's
            // last, which is negative.
            return transform[product][position] * (edge_ == 3 && second && product == 0 ? -1 : 1);
        };
        std::fill_n(to, source_.in_channels, std::int16_t{0});
        for (int position = 0; position < size * size; ++position) {
            const int times = factor(tap / edge_, position / size, phase.out_y == 1) *
                              factor(tap % edge_, position % size, phase.out_x == 1);
            const std::int8_t* weights = phase.weights(position, lane);
            for (int in = 0; in < source_.in_channels; ++in) {
                to[in] = static_cast<std::int16_t>(to[in] + times * weights[in]);
            }
        }
        return true;
    };
    pack_weights(source_.phases.size(), all_words(edge_ * edge_), row);
}

void WinogradLayer::make_phases() {
    const auto scale = static_cast<std::uint32_t>(window_scale(edge_));
    const int outputs = window_outputs(edge_);
    const int values = window_values(edge_);
    const int products = edge_ * edge_;
    zeros_.assign(padded_lanes_, 0);
    taps_.reserve(source_.phases.size() * static_cast<std::size_t>(products));
    for (std::size_t p = 0; p < source_.phases.size(); ++p) {
        const PhaseSource& source = source_.phases[p];
        const Tap* const taps = taps_.data() + taps_.size();
        for (int k = 0; k < products; ++k) {
            const int y = values / 2 * source.out_y + k / edge_;  // of the second phase along an axis
            const int x = values / 2 * source.out_x + k % edge_;
            taps_.push_back({(y * values + x) * input_.padded, k});
        }
        std::vector<std::int32_t>& bias = biases_.emplace_back(padded_lanes_, 0);
        std::transform(source.bias.begin(), source.bias.end(), bias.begin(), [scale](std::int32_t b) {
            return static_cast<std::int32_t>(scale * static_cast<std::uint32_t>(b));
        });
        std::vector<float>& multiplier = multipliers_.emplace_back(padded_lanes_, 0.0f);
        std::copy(source.multiplier.begin(), source.multiplier.end(), multiplier.begin());
        WinogradPhase phase{taps, bias.data(), {}};
        for (int output = 0; output < outputs * outputs; ++output) {
            const int y = source.out_y + output / outputs * source_.out_step;
            const int x = source.out_x + output % outputs * source_.out_step;
            phase.outputs[output] = {nullptr, weights_.get() + p * phase_bytes_,
                                     output_.cell(y, x) - output_.cell(0, 0), multiplier.data()};
        }
        phases_.push_back(phase);
    }
}

std::size_t WinogradLayer::row_bytes(int tiles) const {
    return sizeof(std::int16_t) * static_cast<std::size_t>(windows_along(source_.width)) *
           static_cast<std::size_t>(window_values(edge_) * window_values(edge_)) *
           static_cast<std::size_t>(input_.padded * tiles);
}

/// Returns the rows of windows per strip: enough points to fill blocks and, because every strip reads all
/// weights, values of about the same size as the weights, if L2 holds them.
int WinogradLayer::strip_rows(int tiles) const {
    const int points = windows_along(source_.width) * tiles;
    const std::size_t bytes = std::min(kMostScratch, phase_bytes_ * source_.phases.size());
    const int rows =
        std::max((kLeastPoints + points - 1) / points, static_cast<int>(bytes / row_bytes(tiles)));
    return std::min(windows_along(source_.height), rows);
}

std::size_t WinogradLayer::scratch_bytes(int tiles) const {
    return static_cast<std::size_t>(strip_rows(tiles)) * row_bytes(tiles);
}

WinogradLayer::Points WinogradLayer::list_points(int tiles) const {
    Points points;
    const int windows = windows_along(source_.width);
    const int outputs = window_outputs(edge_);
    const int values = window_values(edge_) * window_values(edge_);
    for (int window = 0; window < strip_rows(tiles) * windows; ++window) {
        for (int tile = 0; tile < tiles; ++tile) {
            points.inputs.push_back((window * values * tiles + tile) * input_.padded);
        }
    }
    for (int window = 0; window < windows_along(source_.height) * windows; ++window) {
        const int y = window / windows * outputs * source_.out_step;
        const int x = window % windows * outputs * source_.out_step;
        for (int tile = 0; tile < tiles; ++tile) {
            points.outputs.push_back(output_.cell(y, x) * tiles + tile * output_.padded);
        }
    }
    for (std::vector<std::int32_t>* numbers : {&points.inputs, &points.outputs}) {
        numbers->insert(numbers->end(), kMorePoints, numbers->back());
    }
    return points;
}

void WinogradLayer::run(const LayerCall& call) const {
    const Points& points = points_.at(call.tiles);
    const int windows = windows_along(source_.width);
    WindowRows rows{nullptr,
                    call.scratch,
                    static_cast<std::ptrdiff_t>(input_.pitch()) * input_.padded * call.tiles,
                    input_.padded * call.tiles,
                    0,
                    windows,
                    edge_};
    WindowProducts products{
        convolution_,         phases_.data(), static_cast<int>(phases_.size()), edge_, zeros_.data(), 0,
        points.inputs.data(), nullptr};
    products.common.input = call.scratch;
    products.common.output = call.output;
    products.common.addition.other = call.other;
    products.common.tiles = call.tiles;
    const int strip = strip_rows(call.tiles);
    // Divides the windows of all tiles into pieces between two checks of the interrupt.
    const int all = windows_along(source_.height) * windows * call.tiles;
    const int piece = std::max(kLeastPoints, all / pieces(call));
    for (int row = 0; row < windows_along(source_.height); row += strip) {
        rows.input =
            static_cast<const std::int16_t*>(call.input) +
            static_cast<std::ptrdiff_t>(input_.cell(window_outputs(edge_) * row - 1, -1)) * call.tiles;
        rows.rows = std::min(strip, windows_along(source_.height) - row);
        kernels_->winograd.transform(rows);
        const int end = rows.rows * windows * call.tiles;
        const std::int32_t* const outputs =
            points.outputs.data() + static_cast<std::ptrdiff_t>(row) * windows * call.tiles;
        for (int first = 0; first < end; first += piece) {
            if (piece < all && requested(call.interrupt)) {
                return;
            }
            products.points = std::min(piece, end - first);
            products.inputs = points.inputs.data() + first;
            products.outputs = outputs + first;
            kernels_->winograd.multiply(products);
        }
    }
}

}  // namespace tilewright::cpu
