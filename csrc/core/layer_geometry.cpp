#include "core/layer_geometry.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "ops/sum_bounds.h"

namespace tilewright {
namespace {

constexpr int kMostSkippedTaps = 49;    // larger kernels have too many classes of cells
constexpr int kGroupedKernel = 3;       // the window of a group of a larger kernel costs more than idle lanes
constexpr double kSafe = 2147480000.0;  // slightly below 2^31, to allow for the rounding of the product

/// multiplier: (outputs). bounds: one or more times (outputs).
bool may_leave_int32(const std::vector<ops::SumBounds>& bounds, const std::vector<float>& multiplier) {
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const double most = static_cast<double>(std::max(-bounds[i].low, bounds[i].high));
        if (most * std::fabs(static_cast<double>(multiplier[i % multiplier.size()])) >= kSafe) {
            return true;
        }
    }
    return false;
}

/// Returns the row of a 4x4 kernel of stride 2 that connects output `parity` of a cell to the input `d` cells
/// away.
int kernel_row(int parity, int d) { return parity + 1 - 2 * d; }

ops::Axes reach_of_op(const ops::Convolution& op) {
    return {op.kernel.y / 2 * op.dilations.y, op.kernel.x / 2 * op.dilations.x};
}
ops::Axes reach_of_op(const ops::Conv2d& op) { return reach_of_op(op.convolution); }
ops::Axes reach_of_op(const ops::Scores& op) { return reach_of_op(op.convolution); }
ops::Axes reach_of_op(const ops::Dense&) { return {0, 0}; }
ops::Axes reach_of_op(const ops::ConvTranspose2d&) { return {1, 1}; }

}  // namespace

MapShape map_shape(const Plan& plan, ValueId id) {
    const Value& value = plan.values[id];
    if (value.is_indices()) {
        return {static_cast<int>(value.shape[0]), static_cast<int>(value.shape[1]), 1};
    }
    if (value.shape.size() == 3) {
        return {static_cast<int>(value.shape[0]), static_cast<int>(value.shape[1]),
                static_cast<int>(value.shape[2])};
    }
    return {1, 1, static_cast<int>(value.elements())};
}

bool is_layer(const Step& step) {
    bool weighted = false;
    ops::visit_weighted(step.op, [&](const auto&) { weighted = true; });
    return weighted;
}

ops::Axes reach_of(const Step& step) {
    ops::Axes reach;
    ops::visit_weighted(step.op, [&](const auto& op) { reach = reach_of_op(op); });
    return reach;
}

LayerGeometry::LayerGeometry(const Stage& stage, const MapShape& input, const MapShape& output, bool grouped)
    : group(grouped ? 2 : 1), reach(reach_of(*stage.step)) {
    ops::visit_weighted(stage.step->op, [&](const auto& op) { describe(op, input, output); });
}

bool LayerGeometry::can_group(const Stage& stage, const MapShape& output) {
    if (stage.add) {
        return false;
    }
    if (const auto* transposed = std::get_if<ops::ConvTranspose2d>(&stage.step->op)) {
        return transposed->out_channels <= kGroupChannels;
    }
    const auto* conv = std::get_if<ops::Conv2d>(&stage.step->op);
    if (!conv) {
        return false;
    }
    const ops::Convolution& c = conv->convolution;
    return c.out_channels <= kGroupChannels && output.height % 2 == 0 && output.width % 2 == 0 &&
           c.kernel.y == kGroupedKernel && c.kernel.x == kGroupedKernel && c.dilations.y == 1 &&
           c.dilations.x == 1;
}

void LayerGeometry::describe(const ops::Dense& op, const MapShape& input, const MapShape& output) {
    // One point, whose taps are the cells of the input, and a phase for each cell of the output.
    clamp = may_leave_int32(ops::sum_bounds(op.weights, op.bias, op.outputs), op.multiplier);
    zero_out = op.zero_out;
    in_channels = input.channels;
    lanes = output.channels;
    for (int cell = 0; cell < output.height * output.width; ++cell) {
        PhaseSource& phase = phases.emplace_back();
        const std::ptrdiff_t first = std::ptrdiff_t{cell} * lanes;
        for (int tap = 0; tap < input.height * input.width; ++tap) {
            phase.positions.push_back({tap / input.width, tap % input.width});
        }
        phase.weights = [&op, first, channels = in_channels](int position, int lane) {
            return op.weights.data() + (first + lane) * op.inputs + std::ptrdiff_t{position} * channels;
        };
        phase.bias.assign(op.bias.begin() + first, op.bias.begin() + first + lanes);
        phase.multiplier.assign(op.multiplier.begin() + first, op.multiplier.begin() + first + lanes);
        phase.out_y = cell / output.width;
        phase.out_x = cell % output.width;
    }
}

void LayerGeometry::describe(const ops::Conv2d& op, const MapShape& input, const MapShape&) {
    const ops::Convolution& c = op.convolution;
    clamp = may_leave_int32(ops::sum_bounds(c.weights, c.bias, c.out_channels), op.multiplier);
    zero_out = op.zero_out;
    describe_convolution(c, input, op.multiplier.data());
}

void LayerGeometry::describe(const ops::Scores& op, const MapShape& input, const MapShape&) {
    describe_convolution(op.convolution, input, nullptr);
}

void LayerGeometry::describe_convolution(const ops::Convolution& op, const MapShape& map,
                                         const float* multiplier) {
    in_channels = op.in_channels;
    lanes = group == 1 ? op.out_channels : 4 * kGroupChannels;
    height = map.height / group;
    width = map.width / group;
    in_step = out_step = group;
    wraps = op.padding == ops::Padding::kWrap;
    zero_in = op.zero_in;
    const int taps = op.kernel.y * op.kernel.x;
    skips_border = !wraps && taps > 1 && taps <= kMostSkippedTaps;
    PhaseSource& phase = phases.emplace_back();
    const ops::Axes window{op.kernel.y + group - 1, op.kernel.x + group - 1};
    for (int y = 0; y < window.y; ++y) {
        for (int x = 0; x < window.x; ++x) {
            phase.positions.push_back(
                {(y - op.kernel.y / 2) * op.dilations.y, (x - op.kernel.x / 2) * op.dilations.x});
        }
    }
    // Lanes are ordered by (row in the group, column in the group, channel).
    const auto channel_of = [one = group == 1](int lane) { return one ? lane : lane % kGroupChannels; };
    phase.weights = [&op, columns = window.x, channel_of, one = group == 1](int position,
                                                                            int lane) -> const std::int8_t* {
        const int ky = position / columns - (one ? 0 : lane / (2 * kGroupChannels));
        const int kx = position % columns - (one ? 0 : lane / kGroupChannels % 2);
        const int channel = channel_of(lane);
        if (ky < 0 || ky >= op.kernel.y || kx < 0 || kx >= op.kernel.x || channel >= op.out_channels) {
            return nullptr;
        }
        return op.weights.data() +
               ((std::ptrdiff_t{channel} * op.kernel.y + ky) * op.kernel.x + kx) * op.in_channels;
    };
    for (int lane = 0; lane < lanes; ++lane) {
        const int channel = channel_of(lane);
        const bool real = channel < op.out_channels;
        phase.bias.push_back(real ? op.bias[static_cast<std::size_t>(channel)] : 0);
        if (multiplier) {
            phase.multiplier.push_back(real ? multiplier[channel] : 0.0f);
        }
    }
}

void LayerGeometry::describe(const ops::ConvTranspose2d& op, const MapShape& input, const MapShape&) {
    clamp = may_leave_int32(ops::phase_sum_bounds(op.weights, op.bias, op.out_channels), op.multiplier);
    zero_out = op.zero_out;
    in_channels = op.in_channels;
    wraps = op.padding == ops::Padding::kWrap;
    skips_border = !wraps;
    zero_in = op.zero_in;
    out_step = 2;
    const auto weights_at = [&op](int channel, int ky, int kx) -> const std::int8_t* {
        return channel < op.out_channels
                   ? op.weights.data() + (std::ptrdiff_t{16} * channel + 4 * ky + kx) * op.in_channels
                   : nullptr;
    };
    if (group == 1) {
        lanes = op.out_channels;
        height = input.height;
        width = input.width;
        for (int p = 0; p < 4; ++p) {
            PhaseSource& phase = phases.emplace_back();
            phase.out_y = p / 2;
            phase.out_x = p % 2;
            // An even output reads the input's cell and the previous one, an odd output that cell and the
            // next one.
            for (const int dy : {phase.out_y - 1, phase.out_y}) {
                for (const int dx : {phase.out_x - 1, phase.out_x}) {
                    phase.positions.push_back({dy, dx});
                }
            }
            phase.weights = [weights_at, y = phase.out_y, x = phase.out_x](int position, int lane) {
                return weights_at(lane, kernel_row(y, y - 1 + position / 2),
                                  kernel_row(x, x - 1 + position % 2));
            };
            phase.bias.assign(op.bias.begin() + p * lanes, op.bias.begin() + (p + 1) * lanes);
            phase.multiplier = op.multiplier;
        }
        return;
    }
    // Points are the corners between cells (i, j) and (i + 1, j + 1), from -1 on. Each computes the outputs
    // (2 i + 1, 2 j + 1) to (2 i + 2, 2 j + 2).
    lanes = 4 * kGroupChannels;
    height = input.height + 1;
    width = input.width + 1;
    in_origin = out_origin = -1;
    PhaseSource& phase = phases.emplace_back();
    phase.positions = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
    phase.weights = [weights_at](int position, int lane) {
        const int row = lane / (2 * kGroupChannels);
        const int column = lane / kGroupChannels % 2;
        return weights_at(lane % kGroupChannels, row + 2 - 2 * (position / 2),
                          column + 2 - 2 * (position % 2));
    };
    for (int lane = 0; lane < lanes; ++lane) {
        const int channel = lane % kGroupChannels;
        const int parity_y = 1 - lane / (2 * kGroupChannels);
        const int parity_x = 1 - lane / kGroupChannels % 2;
        const bool real = channel < op.out_channels;
        const int row = (2 * parity_y + parity_x) * op.out_channels;
        phase.bias.push_back(real ? op.bias[static_cast<std::size_t>(row + channel)] : 0);
        phase.multiplier.push_back(real ? op.multiplier[static_cast<std::size_t>(channel)] : 0.0f);
    }
}

}  // namespace tilewright
