#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/sampling_options.h"
#include "core/seeds.h"
#include "core/source.h"
#include "ops/op.h"

namespace tilewright {

/// Index in Plan::values.
using ValueId = std::size_t;

/// What the elements of a value are.
enum class Holds {
    kFeatures,  ///< uint8: quantised numbers
    kIndices,   ///< uint8: palette indices, outputs of argmax and nearest, and a sampler's cells
    kSums,      ///< int32: output of scores
    kKind,      ///< int32: the number of the tile's kind
};

/// A tensor without the batch axis. The backend decides its memory layout.
struct Value {
    std::vector<std::int64_t> shape;
    Holds holds = Holds::kFeatures;

    bool is_indices() const { return holds == Holds::kIndices; }
    bool is_int32() const { return holds == Holds::kSums || holds == Holds::kKind; }

    /// The product of the shape; call it on a checked plan only.
    std::size_t elements() const;
    std::size_t bytes() const { return elements() * (is_int32() ? sizeof(std::int32_t) : 1); }
};

/// A value that is not computed by a step.
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

/// A value that is returned to the caller: the output of a step, or an input.
struct Output {
    std::string name;
    ValueId value;
};

/// The repeated evaluation of a step network until all cells of a picture are known (docs/numerics.md).
struct Sampler {
    enum class Method { kMasked, kAutoregressive };

    Method method;
    int colours;              ///< palette entries; the cell value `colours` means unknown
    int steps;                ///< evaluations of the network, without refinement
    ValueId cells;            ///< the input of source kCells
    ValueId scores;           ///< int32 (height, width, colours)
    SamplingOptions options;  ///< of requests that give none
};

/// The work for one tile. Every step writes a new value, and reads inputs and outputs of earlier steps.
struct Plan {
    std::int32_t kinds = 1;
    LatentTable latent_table{};
    std::vector<Value> values;
    std::vector<Input> inputs;
    std::vector<Step> steps;
    std::vector<Output> outputs;
    std::optional<Sampler> sampler;

    /// Number of latents per tile, over all inputs. Requires a checked plan.
    std::size_t latent_size() const;

    /// Returns the first input of a source, or null.
    const Input* find_input(Source source) const;
};

}  // namespace tilewright
