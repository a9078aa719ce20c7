#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/seeds.h"
#include "core/source.h"
#include "ops/op.h"

namespace tilewright {

/// The number of a value in Plan::values.
using ValueId = std::size_t;

/// What the elements of a value are.
enum class Holds {
    kFeatures,  ///< uint8: quantised numbers
    kIndices,   ///< uint8: palette indices, what argmax and nearest make, and a sampler's cells
    kSums,      ///< int32: what scores makes
    kKind,      ///< int32: the number of the tile's kind
};

/// A tensor without the batch axis. Where it lies in memory, and how, is up to the backend.
struct Value {
    std::vector<std::int64_t> shape;
    Holds holds = Holds::kFeatures;

    bool is_indices() const { return holds == Holds::kIndices; }
    bool is_int32() const { return holds == Holds::kSums || holds == Holds::kKind; }

    /// The product of the shape; call it on a checked plan only.
    std::size_t elements() const;
    std::size_t bytes() const { return elements() * (is_int32() ? sizeof(std::int32_t) : 1); }
};

/// A value that no step makes.
struct Input {
    Source source;
    ValueId value;
};

/// One op applied to values.
struct Step {
    ops::Op op;
    std::vector<ValueId> inputs;
    ValueId output;
};

/// A value that is handed to the caller when the last step is done: a step's, or an input.
struct Output {
    std::string name;
    ValueId value;
};

constexpr std::size_t kNoiseEntries = 4096;

/// How a step network is run again and again until every cell of a picture is known (docs/numerics.md).
struct Sampler {
    enum class Method { kMasked, kAutoregressive };

    Method method;
    int colours;                      ///< palette entries; the cell `colours` is not yet known
    int steps;                        ///< evaluations of the network
    ValueId cells;                    ///< the input of source kCells
    ValueId scores;                   ///< int32 (height, width, colours)
    std::vector<std::int32_t> noise;  ///< kNoiseEntries Gumbel quantiles in units of the scores
};

/// What to execute for one tile. Every step writes a new value, and reads inputs and what earlier steps
/// wrote.
struct Plan {
    std::int32_t kinds = 1;
    LatentTable latent_table{};
    std::vector<Value> values;
    std::vector<Input> inputs;
    std::vector<Step> steps;
    std::vector<Output> outputs;
    std::optional<Sampler> sampler;

    /// Latents of a tile, in all inputs that hold them. Call it on a checked plan only.
    std::size_t latent_size() const;
};

}  // namespace tilewright
