#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/seeds.h"
#include "ops/op.h"

namespace tilewright {

/// The number of a value in Plan::values.
using ValueId = std::size_t;

/// A tensor without the batch axis. Where it lies in memory, and how, is up to the backend.
struct Value {
    std::vector<std::int64_t> shape;
    bool int32 = false;  ///< holds sums; otherwise uint8

    /// The product of the shape; call it on a checked plan only.
    std::size_t elements() const;
    std::size_t bytes() const { return elements() * (int32 ? sizeof(std::int32_t) : 1); }
};

/// One op applied to values.
struct Step {
    ops::Op op;
    std::vector<ValueId> inputs;
    ValueId output;
};

/// A value that is handed to the caller when the last step is done.
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
    ValueId scores;                   ///< int32 (height, width, colours)
    std::vector<std::int32_t> noise;  ///< kNoiseEntries Gumbel quantiles in units of the scores
};

/// What to execute for one tile. The first `given` values are given: the latents, uint8 (the int8 latent plus
/// 128), cut into one value after another; or for a sampler the cells, uint8 (height, width). Every step
/// writes a new value, and reads earlier ones.
struct Plan {
    std::int32_t kinds = 1;
    LatentTable latent_table{};
    std::size_t given = 1;
    std::vector<Value> values;
    std::vector<Step> steps;
    std::vector<Output> outputs;
    std::optional<Sampler> sampler;

    /// Whether a value holds palette indices: a sampler's cells, what embed_cells reads, and what argmax and
    /// nearest make.
    bool is_indices(ValueId id) const;

    /// Latents of a tile; none for a sampler. Call it on a checked plan only.
    std::size_t latent_size() const;
};

}  // namespace tilewright
