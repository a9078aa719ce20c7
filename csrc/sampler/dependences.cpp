#include "sampler/dependences.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <variant>

#include "core/layer_geometry.h"

namespace tilewright {
namespace {

/// The channels of a value that vary with the picture.
using Channels = std::vector<bool>;

/// A value that depends on the picture: its stage, and its varying channels.
struct Varying {
    int stage;
    Channels channels;
};

const ops::Convolution* convolution_of(const ops::Op& op) {
    if (const auto* conv = std::get_if<ops::Conv2d>(&op)) {
        return &conv->convolution;
    }
    const auto* scores = std::get_if<ops::Scores>(&op);
    return scores ? &scores->convolution : nullptr;
}

/// Returns the channels in which two palette entries differ, for some kind.
Channels varying_channels(const ops::EmbedCells& op) {
    Channels channels(static_cast<std::size_t>(op.channels), false);
    for (std::size_t kind = 0; kind < static_cast<std::size_t>(op.kinds); ++kind) {
        const std::size_t size = static_cast<std::size_t>(op.entries) * channels.size();
        const std::uint8_t* const table = op.table.data() + kind * size;
        for (std::size_t i = channels.size(); i < size; ++i) {
            const std::size_t channel = i % channels.size();
            channels[channel] = channels[channel] || table[i] != table[channel];
        }
    }
    return channels;
}

/// Returns an upper bound for the runs of channels that kernels read: they skip no fewer than kGap channels.
int runs_of(const Channels& used) {
    constexpr int kGap = 8;
    int runs = 0;
    int unused = kGap;
    for (const bool is_used : used) {
        runs += is_used && unused >= kGap ? 1 : 0;
        unused = is_used ? 0 : unused + 1;
    }
    return runs;
}

/// Sets the offsets of the taps that have weights, and their runs; returns the output channels that vary.
Channels follow(const ops::Convolution& op, const Channels& inputs, Dependence& dependence) {
    Channels outputs(static_cast<std::size_t>(op.out_channels), false);
    const int taps = op.kernel.y * op.kernel.x;
    for (int tap = 0; tap < taps; ++tap) {
        Channels used(inputs.size(), false);
        bool changing = false;
        for (std::size_t out = 0; out < outputs.size(); ++out) {
            const std::int8_t* const weights =
                op.weights.data() + (out * static_cast<std::size_t>(taps) + static_cast<std::size_t>(tap)) *
                                        static_cast<std::size_t>(op.in_channels);
            for (std::size_t in = 0; in < inputs.size(); ++in) {
                if (weights[in] != 0) {
                    used[in] = true;
                    changing = changing || inputs[in];
                    outputs[out] = outputs[out] || inputs[in];
                }
            }
        }
        const Offset offset{(tap / op.kernel.x - op.kernel.y / 2) * op.dilations.y,
                            (tap % op.kernel.x - op.kernel.x / 2) * op.dilations.x};
        if (const int runs = runs_of(used)) {
            dependence.offsets.push_back(offset);
            dependence.runs += runs;
        }
        if (changing) {
            dependence.changing.push_back(offset);
        }
    }
    dependence.wraps = op.padding == ops::Padding::kWrap;
    return outputs;
}

Channels either(Channels a, const Channels& b) {
    std::transform(a.begin(), a.end(), b.begin(), a.begin(), [](bool x, bool y) { return x || y; });
    return a;
}

}  // namespace

std::vector<Dependence> dependences_of(const Plan& plan, const std::vector<Stage>& stages) {
    const MapShape picture = map_shape(plan, plan.sampler->cells);
    if (std::max(picture.width, picture.height) > kMostDependentEdge) {
        return {};
    }
    std::map<ValueId, Varying> varying = {{plan.sampler->cells, {Dependence::kPicture, {true}}}};
    std::vector<Dependence> dependences;
    for (const Stage& stage : stages) {
        const int number = static_cast<int>(dependences.size());
        Dependence& dependence = dependences.emplace_back();
        dependence.input = Dependence::kNothing;
        // The varying inputs of the stage. An addition may be a separate step or fused.
        std::vector<const Varying*> read;
        for (const ValueId id : stage.step->inputs) {
            const auto found = varying.find(id);
            if (found != varying.end()) {
                read.push_back(&found->second);
            }
        }
        const auto other = stage.add ? varying.find(stage.added) : varying.end();
        if (read.empty() && other == varying.end()) {
            continue;
        }
        const MapShape shape = map_shape(plan, stage.output);
        if (shape.height != picture.height || shape.width != picture.width) {
            return {};
        }
        const ops::Op& op = stage.step->op;
        Channels channels(static_cast<std::size_t>(shape.channels), false);
        if (!read.empty()) {
            dependence.input = read[0]->stage;
            if (const ops::Convolution* convolution = convolution_of(op)) {
                channels = follow(*convolution, read[0]->channels, dependence);
            } else {
                dependence.offsets = dependence.changing = {{0, 0}};
                dependence.runs = 1;
                if (const auto* embed = std::get_if<ops::EmbedCells>(&op)) {
                    channels = varying_channels(*embed);
                } else if (std::holds_alternative<ops::Lookup>(op) || std::holds_alternative<ops::Add>(op)) {
                    channels = read[0]->channels;
                } else {
                    return {};
                }
            }
        } else if (!convolution_of(op)) {
            return {};
        }
        if (read.size() == 2) {
            dependence.added = read[1]->stage;
            channels = either(std::move(channels), read[1]->channels);
        } else if (other != varying.end()) {
            dependence.added = other->second.stage;
            channels = either(std::move(channels), other->second.channels);
        }
        varying[stage.output] = {number, std::move(channels)};
    }
    const bool scored = !stages.empty() && stages.back().output == plan.sampler->scores;
    return scored ? dependences : std::vector<Dependence>{};
}

double row_shifts(const std::vector<Dependence>& stages, const CellRows& map, std::size_t times) {
    double offsets = 0;
    for (const Dependence& dependence : stages) {
        offsets += 1.0 + static_cast<double>(dependence.offsets.size());
    }
    return offsets * static_cast<double>(map.size()) * static_cast<double>(times);
}

}  // namespace tilewright
