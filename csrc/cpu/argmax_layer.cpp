#include "cpu/argmax_layer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tilewright::cpu {

bool ArgmaxLayer::suits(const LayerSource& source, const Layout& input, const Kernels& kernels) {
    return kernels.index_pixels && source.result == Result::kArgmax &&
           source.phases[0].positions.size() == 1 && input.width % kScoredPixels == 0 &&
           input.padded <= 4 * kMostScoredWords;
}

ArgmaxLayer::ArgmaxLayer(const Stage& stage, LayerSource source, const Layout& input, const Layout& output,
                         const Kernels& kernels)
    : Layer(stage, std::move(source), input, output, kernels) {
    const int words = input.padded / 4;
    const int colours = round_up(source_.lanes, kScoredColours);
    PhaseSource& phase = source_.phases[0];
    packed_.assign(static_cast<std::size_t>(words * colours), 0);
    for (int colour = 0; colour < source_.lanes; ++colour) {
        const std::int8_t* weights = phase.weights(0, colour);
        for (int in = 0; in < source_.in_channels; ++in) {
            // A word's bytes in the order in which the processors that have such kernels hold them.
            std::memcpy(
                reinterpret_cast<char*>(&packed_[static_cast<std::size_t>(in / 4 * colours + colour)]) +
                    in % 4,
                weights + in, 1);
        }
    }
    bias_.assign(static_cast<std::size_t>(colours), -kRankLimit);  // no colour: never the greatest
    std::copy(phase.bias.begin(), phase.bias.end(), bias_.begin());
    for (int colour = 0; colour < colours; ++colour) {
        below_.push_back(255 - colour);
    }
    phase.weights = nullptr;  // the op's own arrays need not outlive this
    multiply_adds_ = static_cast<std::uint64_t>(source_.height * source_.width) *
                     static_cast<std::uint64_t>(source_.in_channels * source_.lanes);
    scores_ = {nullptr, nullptr, 0,       source_.height, source_.width, input.padded,
               0,       words,   colours, packed_.data(), bias_.data(),  below_.data()};
}

void ArgmaxLayer::run(const LayerCall& call) const {
    PixelScores scores = scores_;
    scores.input = static_cast<const std::uint8_t*>(call.input) +
                   static_cast<std::ptrdiff_t>(input_.cell(0, 0)) * call.tiles;
    scores.output = static_cast<std::uint8_t*>(call.output);
    scores.tiles = call.tiles;
    scores.row = static_cast<std::ptrdiff_t>(input_.pitch()) * input_.padded * call.tiles;
    kernels_->index_pixels(scores);
}

}  // namespace tilewright::cpu
