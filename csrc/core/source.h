#pragma once

#include <cstdint>

namespace tilewright {

/// The source of an input of a plan, for each tile.
enum class Source : std::int32_t {
    kLatents,  ///< features: the next of the tile's latents (int8 + 128); given, or drawn from the
               ///< seed
    kKind,     ///< kind (): the caller's, or drawn from the seed
    kCells,    ///< indices (height, width): the picture of a sampler, initially unknown; without a
               ///< sampler, the caller's
    kKindMap,  ///< indices (height, width): the kind of each cell; the caller's, or the tile's kind
               ///< everywhere
    kWords,    ///< features: 1 for each word that describes the tile, else 0; the caller's, or no words
};

}  // namespace tilewright
