#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/stages.h"

namespace tilewright {

/// Channels of each cell where a point makes a group of them.
constexpr int kGroupChannels = 4;

/// The sides of a value: (height, width, channels); indices have one channel, features one cell.
struct MapShape {
    int height = 1;
    int width = 1;
    int channels = 1;

    int cells() const { return height * width; }
};

MapShape map_shape(const Plan& plan, ValueId id);

/// Whether a step multiplies with weights, as a LayerSource describes it.
bool is_layer(const Step& step);

/// How many cells around its input map a step reads: LayerSource::reach, or 0 for a step that is not a layer.
int reach_of(const Step& step);

/// A position of the kernel, in cells from the point.
struct Position {
    int dy;
    int dx;
};

/// One set of weights, before packing. A lane is an output channel, or one of a group of cells'.
struct PhaseSource {
    std::vector<Position> positions;
    /// (position, lane) -> the weights of all input channels, or null for zeros.
    std::function<const std::int8_t*(int, int)> weights;
    std::vector<std::int32_t> bias;  ///< (lanes)
    std::vector<float> multiplier;   ///< (lanes); empty for scores
    int out_y = 0;                   ///< the output cell, from the point's
    int out_x = 0;
};

/// A layer with weights, whatever its op, as points: places of the input map that are multiplied with the
/// weights of each phase to give output cells.
///
/// Few output channels would leave most lanes idle. Such layers make 2x2 cells at a point: a
/// convolution through a window one cell larger, a transposed convolution at the corners between four cells
/// of its input, where the four cells it makes see exactly those (no multiplication is wasted there).
struct LayerSource {
    /// grouped: whether points make 2x2 cells, for which can_group must hold.
    LayerSource(const Stage& stage, const MapShape& input, const MapShape& output, bool grouped);

    /// Whether a stage's points can make 2x2 cells, and lanes are saved by it.
    static bool can_group(const Stage& stage, const MapShape& output);

    int in_channels = 0;
    int lanes = 0;
    int group = 1;   ///< output cells of a point along each edge: 1 or 2
    int height = 1;  ///< of the points
    int width = 1;
    int in_origin = 0;  ///< input cell of point 0, and from point to point
    int in_step = 1;
    int out_origin = 0;  ///< the same for the output
    int out_step = 1;
    int reach = 0;  ///< how far around the input map it may read
    bool wraps = false;
    bool skips_border = false;  ///< taps that meet only the border can be left out
    std::uint8_t zero_in = 0;
    std::uint8_t zero_out = 0;
    bool clamp = false;  ///< a requantised sum may leave int32
    std::vector<PhaseSource> phases;

  private:
    void describe(const ops::Dense& op, const MapShape& input, const MapShape& output);
    void describe(const ops::Conv2d& op, const MapShape& input, const MapShape& output);
    void describe(const ops::Scores& op, const MapShape& input, const MapShape& output);
    void describe(const ops::ConvTranspose2d& op, const MapShape& input, const MapShape& output);
    void describe_convolution(const ops::Convolution& op, const MapShape& map, const float* multiplier);
};

}  // namespace tilewright
