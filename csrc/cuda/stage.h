#pragma once

#include <cstdint>

#include "core/sampling_options.h"
#include "core/source.h"

// The kernel's view of a plan: plain structs of numbers and device pointers. The host computes everything
// that depends on the plan when it is prepared (plan_layout.cpp, packed_layer.cpp, plan_writer.cpp).

namespace tilewright::cuda {

constexpr int kWarpThreads = 32;
constexpr int kWarps = 8;  ///< of a block
constexpr int kThreads = kWarps * kWarpThreads;
constexpr int kChunk = 16;      ///< bytes of a matrix row; input channels are processed in chunks
constexpr int kRows = 16;       ///< points of a matrix
constexpr int kStepChunks = 2;  ///< chunks that one multiplication sums over

/// Division by an invariant: n / divisor = n * multiplier >> (31 + shift), for n below 2^31.
struct Divisor {
    std::uint32_t divisor;
    std::uint32_t multiplier;
    std::uint32_t shift;
};

/// The layout of a value of a block's tiles in the arena: cell by cell, tile by tile. A cell takes one byte
/// for indices, four bytes per channel for sums, and whole words otherwise. A cell that a multiplication
/// reads consists of whole chunks, permuted so that the chunks of eight neighbouring cells are in different
/// banks of shared memory: chunk c of cell i is stored at c ^ (i >> shift & mask).
struct Place {
    std::uint32_t offset;
    std::int32_t cell_bytes;
    std::int32_t shift;
    std::int32_t mask;
    std::int32_t channels;
    std::int32_t height;
    std::int32_t width;
    std::int32_t cells;
};

/// A position of the kernel relative to the point, in cells. If the map wraps, both are in 0 .. size - 1.
struct Tap {
    std::int32_t dy;
    std::int32_t dx;
};

/// One set of weights, stored in the order of access: step, column, lane of the warp, 16 bytes.
struct Phase {
    const std::uint8_t* weights;
    const std::int32_t* bias;  ///< (columns, 16)
    const float* multiplier;   ///< (columns, 16)
    const Tap* taps;
    std::int32_t tap_count;  ///< 1 or more
    std::int32_t steps;      ///< multiplications along the sum
    std::int32_t out_y;      ///< the output cell, from the point's
    std::int32_t out_x;
};

/// add: two scales, or integer addition if both are 1.
struct Addition {
    float scale_a;
    float scale_b;
    std::int32_t zero_a;
    std::int32_t zero_b;
    std::int32_t zero_out;
};

/// mean: a factor of the sums.
struct Scaling {
    float multiplier;
    std::int32_t zero_in;
    std::int32_t zero_out;
};

enum class Kind : std::int32_t {
    kLayer,         ///< requantised, perhaps with a fused lookup and addition
    kScores,        ///< a layer that stores its int32 sums
    kScoresArgmax,  ///< a layer with a fused argmax
    kDraw,          ///< a layer with fused sampling: sums and noise select the cells of this evaluation
    kEmbed,         ///< a row of a table for each tile
    kEmbedCells,    ///< a row of a table for each cell
    kConcat,        ///< a part of a concatenation
    kSlice,         ///< some features, channel by channel
    kLookup,
    kAdd,
    kArgmax,  ///< argmax of a stored value
    kNearest,
    kMaxPool,
    kMean,
};

/// A layer with weights as a matrix product: rows are points, columns are output channels. A warp processes
/// row_tiles * 16 points and `columns_at_once` * 16 channels at a time.
struct Layer {
    const Phase* phases;
    std::int32_t phase_count;
    std::int32_t chunks;   ///< of an input cell
    std::int32_t columns;  ///< chunks of output channels, or of a group's lanes
    std::int32_t lanes;    ///< actual output channels
    std::int32_t points;   ///< of a block
    std::int32_t row_tiles;
    std::int32_t columns_at_once;
    std::int32_t row_groups;
    std::int32_t column_groups;
    Divisor tile_points;
    Divisor row_points;
    std::int32_t in_origin;
    std::int32_t in_step;
    std::int32_t out_origin;
    std::int32_t out_step;
    std::int32_t wraps;
    std::int32_t grouped;  ///< the 16 lanes of a point are 4 channels of 2x2 output cells
    std::uint32_t border;  ///< offset in the arena of a cell of border values
    std::int32_t table;    ///< offset in the arena of a table of 256 bytes, rotated by zero_out; -1: none
    std::int32_t zero_out;
    std::int32_t adds;        ///< fused addition: own + other + add_offset, clamped to a byte
    std::int32_t add_offset;  ///< combination of the three zero points of an integer addition
};

/// Parameters of a step without weights.
struct Pointwise {
    const std::uint8_t* table;  ///< rows of whole words
    std::int32_t row_bytes;
    std::int32_t entries;  ///< rows per kind
    std::int32_t by_kind;  ///< an embedding: the first input is the kind
    std::int32_t first;    ///< first output channel of a concatenated part, first input channel of a slice
    std::int32_t int32;    ///< argmax: the input holds int32
    Addition addition;
    Scaling scaling;
};

struct Stage {
    Kind kind;
    Place in;
    Place out;
    Place
        other;  ///< the second input: another branch, the palette of kNearest, or the indices of kEmbedCells
    Layer layer;
    Pointwise pointwise;
};

/// An input of the plan.
struct Input {
    Source source;
    Place place;
    std::int32_t first;  ///< number of its first latent
};

/// An output in global memory: `bytes` per tile, starting at `prefix` times the capacity (Call::results).
struct Result {
    Place place;
    std::int32_t element_bytes;
    std::int32_t bytes;
    std::int64_t prefix;
};

/// Repeated evaluation of a step network. Without a sampler, steps is 1 and the rest is unused.
struct Sampling {
    std::int32_t steps;
    std::int32_t masked;
    std::int32_t colours;
    Place cells;
    std::uint32_t words;  ///< offset in the arena: a key per cell, while an order is computed
    std::uint32_t turns;  ///< offset in the arena: the evaluation that fixes each cell, -1 for a given one
    const std::int32_t* halton;  ///< (cells), of a masked sampler: ranks of the Halton order
    const std::int32_t* noise;
    const std::int32_t* groups;  ///< (cells) the evaluation that fixes each cell, if not `masked`
};

/// Options of a call's masked sampler (core/sampling_options.h).
struct DrawOptions {
    SamplingOptions::Order order;
    std::int32_t rounds;
    std::int32_t begin;
};

/// A plan laid out for blocks of `tiles` tiles.
struct BlockPlan {
    const Stage* stages;
    const Input* inputs;
    const Result* results;
    const std::uint8_t* constants;  ///< contents of the arena's head: borders and tables
    const std::int8_t* latent_table;
    std::uint8_t* arenas;  ///< one per block, if they are not in shared memory
    std::int32_t stage_count;
    std::int32_t input_count;
    std::int32_t result_count;
    std::int32_t constant_bytes;
    std::uint32_t arena_bytes;
    std::int32_t tiles;
    std::int32_t kinds;
    std::int32_t latent_size;
    Sampling sampling;
};

/// One launch: tiles of a seed.
struct Call {
    BlockPlan plan;
    std::uint64_t seed;
    std::uint64_t start;
    std::int32_t count;
    std::int32_t kind;              ///< of all tiles; -1: one per tile
    const std::int32_t* kinds;      ///< (count), or null: drawn
    const std::int8_t* latents;     ///< (count, latent_size), or null: drawn
    const std::uint8_t* kind_maps;  ///< (count, cells), or null: the tile's kind in each cell
    const std::uint8_t* words;      ///< (count, words), or null: none
    const std::uint64_t* numbers;   ///< (count), of the tiles; or null: start, start + 1, ...
    const std::uint8_t* cells;  ///< (count, cells), for a sampler among unknown ones; or null: none is known
    const std::uint8_t* allowed;  ///< (count, colours), whether an entry may be drawn; or null: it may
    DrawOptions draw;
    std::uint8_t* results;  ///< tile i is at prefix * capacity + (first + i) * bytes
    std::int64_t capacity;
    std::int64_t first;
};

}  // namespace tilewright::cuda
