#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/stages.h"

namespace tilewright {

/// Channels per cell of a point that computes a group of cells.
constexpr int kGroupChannels = 4;

/// The dimensions of a value: (height, width, channels). Indices have one channel, features one cell.
struct MapShape {
    int height = 1;
    int width = 1;
    int channels = 1;

    int cells() const { return height * width; }
};

MapShape map_shape(const Plan& plan, ValueId id);

/// Whether a step has weights, so that a LayerGeometry describes it.
bool is_layer(const Step& step);

/// Returns how many cells beyond its input map a step reads: LayerGeometry::reach, or 0 for a step without
/// weights.
ops::Axes reach_of(const Step& step);

/// A position of the kernel relative to the point, in cells.
struct Position {
    int dy;
    int dx;
};

/// One set of weights, before packing. A lane is an output channel, of one cell or of a group of cells.
struct PhaseSource {
    std::vector<Position> positions;
    /// (position, lane) -> the weights of all input channels, or null for zeros.
    std::function<const std::int8_t*(int, int)> weights;
    std::vector<std::int32_t> bias;  ///< (lanes)
    std::vector<float> multiplier;   ///< (lanes); empty for scores
    int out_y = 0;                   ///< output cell relative to the point
    int out_x = 0;
};

/// The geometry of a layer with weights, for any op. A layer has points, which are cells of the input map. At
/// each point, every phase multiplies the input by its weights to compute output cells.
///
/// With few output channels, most lanes would be idle. Such a layer computes 2x2 cells per point. A
/// convolution does this with a window that is one cell larger. The points of a transposed convolution are
/// then the corners between four input cells, and no multiplication is wasted.
struct LayerGeometry {
    /// grouped: points compute 2x2 cells, which requires can_group.
    LayerGeometry(const Stage& stage, const MapShape& input, const MapShape& output, bool grouped);

    /// Whether points of a stage can compute 2x2 cells and thereby use more lanes.
    static bool can_group(const Stage& stage, const MapShape& output);

    int in_channels = 0;
    int lanes = 0;
    int group = 1;   ///< output cells per point along each axis: 1 or 2
    int height = 1;  ///< rows and columns of points
    int width = 1;
    int in_origin = 0;   ///< row and column of the input cell of point 0
    int in_step = 1;     ///< distance between the input cells of adjacent points
    int out_origin = 0;  ///< row and column of the first output cell of point 0
    int out_step = 1;    ///< distance between the output cells of adjacent points
    ops::Axes reach;     ///< cells beyond the input map that the layer may read, on each side
    bool wraps = false;
    bool skips_border = false;  ///< taps outside of the map can be skipped
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
