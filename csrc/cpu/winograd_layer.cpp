#include "cpu/winograd_layer.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "ops/sum_bounds.h"

namespace tilewright::cpu {
namespace {

constexpr int kLeastChannels = 16;  // input channels; with fewer, the transforms cost what the products save
constexpr int kLeastPoints = 16;    // per strip
constexpr std::size_t kMostScratch = std::size_t{512} << 10;
constexpr int kMorePoints = 11;  // the kernel reads this many points beyond the last one
constexpr std::int64_t kMostSum = (std::int64_t{1} << 29) - 1;  // four times a sum must fit 32 bits

/// The transform of the weights along one axis, by product and kernel position. For a 3x3 kernel it is twice
/// Winograd's, to stay integral, so outputs are four times too large.
constexpr int kOf3[4][3] = {{2, 0, 0}, {1, 1, 1}, {1, -1, 1}, {0, 0, 2}};
constexpr int kOf2[3][2] = {{1, 0}, {1, 1}, {0, 1}};

}  // namespace

bool WinogradLayer::suits(const Stage& stage, const CpuLayerGeometry& source, const Kernels& kernels) {
    if (!kernels.winograd.multiply || source.group != 1 || source.in_channels < kLeastChannels ||
        source.lanes < kernels.lanes || source.height % 2 != 0 || source.width % 2 != 0) {
        return false;
    }
    if (std::holds_alternative<ops::ConvTranspose2d>(stage.step->op)) {
        return true;
    }
    const auto* conv = std::get_if<ops::Conv2d>(&stage.step->op);
    if (!conv) {
        return false;
    }
    const ops::Convolution& c = conv->convolution;
    if (c.kernel.y != 3 || c.kernel.x != 3 || c.dilations.y != 1 || c.dilations.x != 1) {
        return false;
    }
    const std::vector<ops::SumBounds> bounds = ops::sum_bounds(c.weights, c.bias, c.out_channels);
    return std::all_of(bounds.begin(), bounds.end(), [](const ops::SumBounds& sum) {
        return sum.low >= -kMostSum && sum.high <= kMostSum;
    });
}

WinogradLayer::WinogradLayer(const Stage& stage, CpuLayerGeometry source, const Layout& input,
                             const Layout& output, const Kernels& kernels, int most_tiles)
    : Layer(stage, std::move(source), input, output, kernels) {
    const bool transposed = std::holds_alternative<ops::ConvTranspose2d>(stage.step->op);
    values_ = transposed ? kTransposedValues : kConvolutionValues;
    edge_ = transposed ? 3 : 4;
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
                     static_cast<std::uint64_t>(source_.height / 2 * (source_.width / 2));
    for (PhaseSource& phase : source_.phases) {
        phase.weights = nullptr;  // the op's arrays may be freed before this layer
    }
}

void WinogradLayer::pack_transformed_weights() {
    const auto row = [this](std::size_t p, int tap, int lane, std::int16_t* to) {
        const PhaseSource& phase = source_.phases[p];
        const int size = edge_ - 1;  // of the kernel
        const auto factor = [&](int product, int position, bool second) {
            if (size == 3) {
                return kOf3[product][position];
            }
            // The second kernel along an axis shares its first value with the first one's last, which is
            // negative.
            return kOf2[product][position] * (second && product == 0 ? -1 : 1);
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
    const std::int32_t scale = edge_ == 4 ? 4 : 1;
    const int products = edge_ * edge_;
    zeros_.assign(padded_lanes_, 0);
    taps_.reserve(source_.phases.size() * static_cast<std::size_t>(products));
    for (std::size_t p = 0; p < source_.phases.size(); ++p) {
        const PhaseSource& source = source_.phases[p];
        const Tap* const taps = taps_.data() + taps_.size();
        for (int k = 0; k < products; ++k) {
            const int y = 2 * source.out_y + k / edge_;
            const int x = 2 * source.out_x + k % edge_;
            taps_.push_back({(y * values_ + x) * input_.padded, k});
        }
        std::vector<std::int32_t>& bias = biases_.emplace_back(padded_lanes_, 0);
        std::transform(source.bias.begin(), source.bias.end(), bias.begin(),
                       [scale](std::int32_t b) { return scale * b; });
        std::vector<float>& multiplier = multipliers_.emplace_back(padded_lanes_, 0.0f);
        std::copy(source.multiplier.begin(), source.multiplier.end(), multiplier.begin());
        WinogradPhase phase{taps, bias.data(), {}};
        for (int output = 0; output < 4; ++output) {
            const int y = source.out_y + output / 2 * source_.out_step;
            const int x = source.out_x + output % 2 * source_.out_step;
            phase.outputs[output] = {nullptr, weights_.get() + p * phase_bytes_,
                                     output_.cell(y, x) - output_.cell(0, 0), multiplier.data()};
        }
        phases_.push_back(phase);
    }
}

std::size_t WinogradLayer::row_bytes(int tiles) const {
    return sizeof(std::int16_t) * static_cast<std::size_t>(source_.width / 2) *
           static_cast<std::size_t>(values_ * values_) * static_cast<std::size_t>(input_.padded * tiles);
}

/// Returns the rows of windows per strip: enough points to fill blocks and, because every strip reads all
/// weights, values of about the same size as the weights, if L2 holds them.
int WinogradLayer::strip_rows(int tiles) const {
    const int points = source_.width / 2 * tiles;
    const std::size_t bytes = std::min(kMostScratch, phase_bytes_ * source_.phases.size());
    const int rows =
        std::max((kLeastPoints + points - 1) / points, static_cast<int>(bytes / row_bytes(tiles)));
    return std::min(source_.height / 2, rows);
}

std::size_t WinogradLayer::scratch_bytes(int tiles) const {
    return static_cast<std::size_t>(strip_rows(tiles)) * row_bytes(tiles);
}

WinogradLayer::Points WinogradLayer::list_points(int tiles) const {
    Points points;
    const int windows = source_.width / 2;
    for (int window = 0; window < strip_rows(tiles) * windows; ++window) {
        for (int tile = 0; tile < tiles; ++tile) {
            points.inputs.push_back((window * values_ * values_ * tiles + tile) * input_.padded);
        }
    }
    for (int window = 0; window < source_.height / 2 * windows; ++window) {
        const int y = window / windows * 2 * source_.out_step;
        const int x = window % windows * 2 * source_.out_step;
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
    const int windows = source_.width / 2;
    WindowRows rows{nullptr,
                    call.scratch,
                    static_cast<std::ptrdiff_t>(input_.pitch()) * input_.padded * call.tiles,
                    input_.padded * call.tiles,
                    0,
                    windows,
                    values_};
    WindowProducts products{
        convolution_,         phases_.data(), static_cast<int>(phases_.size()), edge_, zeros_.data(), 0,
        points.inputs.data(), nullptr};
    products.common.input = call.scratch;
    products.common.output = call.output;
    products.common.addition.other = call.other;
    products.common.tiles = call.tiles;
    const int strip = strip_rows(call.tiles);
    // Divides the windows of all tiles into pieces between two checks of the interrupt.
    const int all = source_.height / 2 * windows * call.tiles;
    const int piece = std::max(kLeastPoints, all / pieces(call));
    for (int row = 0; row < source_.height / 2; row += strip) {
        rows.input = static_cast<const std::int16_t*>(call.input) +
                     static_cast<std::ptrdiff_t>(input_.cell(2 * row - 1, -1)) * call.tiles;
        rows.rows = std::min(strip, source_.height / 2 - row);
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
