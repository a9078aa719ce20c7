#pragma once

#include <cstddef>
#include <cstdint>

// What the kernels of every instruction set see of a layer with weights: plain pointers and numbers, because
// their sources are compiled for processors that the rest of the engine must not require.

namespace tilewright::cpu {

/// One position of the kernel: where it reads, relative to the output's cell, and where its weights begin.
struct Tap {
    std::int32_t input;    ///< elements, for one tile; T times that for T tiles
    std::int32_t weights;  ///< number of the tap among all taps of its phase
};

/// The taps that reach into the map from some cells. Those that only meet the border are not multiplied: what
/// they would add is in the bias.
struct TapSet {
    const Tap* taps;
    int count;
    const std::int32_t* bias;  ///< (padded output channels)
};

/// A group of consecutive output channels: `vectors` registers of them from `first` on.
struct Columns {
    int first;
    int vectors;
    std::ptrdiff_t weights;  ///< bytes from the phase's weights to this group's
};

/// Points (places of tiles) in blocks of equal numbers of them.
struct Schedule {
    int blocks;
    const std::int32_t* chosen;  ///< (blocks) the blocks to run; null: all, in order
    const std::int32_t* inputs;  ///< (blocks, rows) elements; a block with fewer points repeats its last
    const std::int32_t*
        outputs;  ///< (blocks, rows) elements; (blocks, rows, 4) where points make groups of cells
    const std::int32_t* classes;  ///< (blocks): which tap set of a phase serves it
    const std::int32_t* valid;    ///< (blocks): points in the block
    bool regular;                 ///< no block lacks points, and they lie one input cell apart
};

/// Where the schedule for blocks of `rows` points stands: 4, 6, 8, ... 16.
static constexpr int schedule_number(int rows) { return rows / 2 - 2; }
constexpr int kSchedules = 7;

/// The next smaller size of blocks: multiples of four, below whatever is the largest. 0 when there is none.
static constexpr int smaller_block(int rows) { return (rows - 1) / 4 * 4; }

/// All points of a call, each in a block of some size.
struct Schedules {
    Schedule by_rows[kSchedules];
};

/// What a block of sums becomes.
enum class Result {
    kBytes,   ///< requantised, perhaps looked up, perhaps added to another branch
    kSums,    ///< int32
    kArgmax,  ///< the channel of the greatest sum
};

/// How two branches are added.
struct Addition {
    const void* other;  ///< the other branch, in the layout of the output; null: nothing to add
    bool integers;      ///< both scales are 1: output = clamp(other + own - own zero)
    float scale_own;
    float scale_other;
    std::uint8_t zero_own;
    std::uint8_t zero_other;
    std::uint8_t zero_out;
};

/// A set of weights that is applied to every point and writes cells of its own: the one of a convolution, the
/// four of a transposed one, one for each cell of a map that a dense layer makes.
struct Phase {
    const TapSet* tap_sets;
    const std::uint8_t* weights;
    std::int32_t output;      ///< elements, for one tile, from the point's output to this phase's
    const float* multiplier;  ///< (padded output channels)
};

struct Convolution {
    // The same for every call.
    const Phase* phases;
    int phase_count;
    const Columns* columns;
    int column_count;
    int words;                    ///< broadcast words of input channels per tap
    int tap_words;                ///< the same, padded: words of weights from tap to tap
    std::ptrdiff_t input_stride;  ///< elements from a tile's cell to the next tile's: padded input channels
    Result result;
    bool grouped;  ///< a point's 16 lanes are 4 channels of 2x2 output cells
    std::uint8_t zero_out;
    bool clamp;                 ///< a product may leave int32
    const std::uint8_t* table;  ///< 256 bytes, or null
    // Of this call.
    const void* input;
    void* output;
    int tiles;
    bool in_quads;               ///< the results of points 4 i to 4 i + 3 lie one after another
    const Schedules* schedules;  ///< (kMostVectors): for groups of 1, 2, ... registers
    Schedule tile_blocks;        ///< for AMX: all points in blocks of 16
    Addition addition;
};

constexpr int kMostVectors = 4;

}  // namespace tilewright::cpu
