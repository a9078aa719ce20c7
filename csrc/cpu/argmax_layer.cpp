#include "cpu/argmax_layer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tilewright::cpu {
namespace {

/// Returns the bytes of the kernel's rows per tile: an int32 holds four channels.
std::size_t rows_bytes(const Layout& input, int reach) {
    return static_cast<std::size_t>(scored_rows(reach)) * static_cast<std::size_t>(input.width + 2 * reach) *
           static_cast<std::size_t>(input.padded);
}

int farther(const ops::Axes& reach) { return std::max(reach.y, reach.x); }

double work_of(const CpuLayerGeometry& source, const Layout& input) {
    return static_cast<double>(source.phases[0].positions.size()) * input.height * input.width *
           input.channels * source.lanes;
}

}  // namespace

bool ArgmaxLayer::suits(const CpuLayerGeometry& source, const Layout& input, const Kernels& kernels) {
    if (!kernels.index_pixels || source.result != Result::kArgmax || source.group != 1 ||
        input.width % kScoredPixels != 0 || farther(source.reach) > kMostScoredReach ||
        input.padded > 4 * kMostScoredWords || work_of(source, input) > kMostScoredWork ||
        rows_bytes(input, farther(source.reach)) > kMostScoredBytes) {
        return false;
    }
    // This path computes the border taps as well, and AMX is fast enough without it. It pays off if lanes of
    // channels would be idle.
    const bool idle = source.lanes <= kernels.lanes || source.lanes % kernels.lanes != 0;
    return source.phases[0].positions.size() == 1 || (idle && !kernels.uses_amx_tiles);
}

ArgmaxLayer::ArgmaxLayer(const Stage& stage, CpuLayerGeometry source, const Layout& input,
                         const Layout& output, const Kernels& kernels)
    : Layer(stage, std::move(source), input, output, kernels) {
    const std::size_t words = static_cast<std::size_t>(input.padded / 4);
    const std::size_t colours = static_cast<std::size_t>(source_.lanes);
    PhaseSource& phase = source_.phases[0];
    packed_.assign(phase.positions.size() * words * colours, 0);
    for (std::size_t tap = 0; tap < phase.positions.size(); ++tap) {
        taps_.push_back({phase.positions[tap].dy, phase.positions[tap].dx});
        for (std::size_t colour = 0; colour < colours; ++colour) {
            const std::int8_t* weights = phase.weights(static_cast<int>(tap), static_cast<int>(colour));
            for (std::size_t in = 0; weights && in < static_cast<std::size_t>(source_.in_channels); ++in) {
                // The bytes of a word are little-endian, like the processors that have such kernels.
                std::int32_t& word = packed_[(tap * words + in / 4) * colours + colour];
                std::memcpy(reinterpret_cast<char*>(&word) + in % 4, weights + in, 1);
            }
        }
    }
    bias_ = phase.bias;
    for (std::size_t colour = 0; colour < colours; ++colour) {
        below_.push_back(255 - static_cast<std::int32_t>(colour));
    }
    phase.weights = nullptr;  // the op's arrays may be freed before this layer
    count_multiply_adds();
    std::memset(&scores_.border, source_.zero_in, sizeof(scores_.border));
    scores_.height = source_.height;
    scores_.width = source_.width;
    scores_.tile = input.padded;
    scores_.words = static_cast<int>(words);
    scores_.reach = farther(source_.reach);
    scores_.wraps = source_.wraps;
    scores_.taps = taps_.data();
    scores_.tap_count = static_cast<int>(taps_.size());
    scores_.colours = source_.lanes;
    scores_.weights = packed_.data();
    scores_.bias = bias_.data();
    scores_.below = below_.data();
}

void ArgmaxLayer::count_multiply_adds() {
    const auto meets = [this](int cell, int length) { return source_.wraps || (cell >= 0 && cell < length); };
    for (const PixelTap& tap : taps_) {
        int rows = 0;
        int columns = 0;
        for (int y = 0; y < source_.height; ++y) {
            rows += meets(y + tap.dy, source_.height) ? 1 : 0;
        }
        for (int x = 0; x < source_.width; ++x) {
            columns += meets(x + tap.dx, source_.width) ? 1 : 0;
        }
        multiply_adds_ += static_cast<std::uint64_t>(rows * columns) *
                          static_cast<std::uint64_t>(source_.in_channels * source_.lanes);
    }
}

std::size_t ArgmaxLayer::scratch_bytes(int tiles) const {
    return static_cast<std::size_t>(tiles) * rows_bytes(input_, farther(source_.reach));
}

void ArgmaxLayer::run(const LayerCall& call) const {
    PixelScores scores = scores_;
    scores.input = static_cast<const std::uint8_t*>(call.input) +
                   static_cast<std::ptrdiff_t>(input_.cell(0, 0)) * call.tiles;
    scores.output = static_cast<std::uint8_t*>(call.output);
    scores.rows = reinterpret_cast<std::int32_t*>(call.scratch);
    scores.tiles = call.tiles;
    scores.row = static_cast<std::ptrdiff_t>(input_.pitch()) * input_.padded * call.tiles;
    kernels_->index_pixels(scores);
}

}  // namespace tilewright::cpu
