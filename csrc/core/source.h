#pragma once

#include <cstdint>

namespace tilewright {

/// The source of an input of a plan, for each tile.
enum class Source : std::int32_t {
    kLatents,  ///< features: the next of the tile's latents (int8 + 128); the caller's, or drawn from the
               ///< seed
    kKind,     ///< kind (): the caller's, or drawn from the seed
    kCells,    ///< indices (height, width): the picture of a sampler, initially unknown
};

}  // namespace tilewright
