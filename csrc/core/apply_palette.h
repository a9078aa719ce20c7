#pragma once

#include <cstddef>
#include <cstdint>

#include "core/interrupt.h"

namespace tilewright {

/// Looks up the RGBA of every pixel: colours[tile][pixel] = palettes[tile][indices[tile][pixel]], four bytes
/// each. indices: (tiles, pixels). palettes: (tiles, entries, 4) or, if `shared`, (1, entries, 4) for all
/// tiles, with at most 256 entries. An index beyond the palette gives zeros.
void apply_palette(const std::uint8_t* indices, std::size_t tiles, std::size_t pixels,
                   const std::uint8_t* palettes, std::size_t entries, bool shared, std::uint8_t* colours,
                   Interrupt* interrupt = nullptr);

/// rgba[i] = colours[i], four bytes each, with alpha 255 if it was at least 128; otherwise four zeros.
void binarize_alpha(const std::uint8_t* colours, std::size_t count, std::uint8_t* rgba,
                    Interrupt* interrupt = nullptr);

}  // namespace tilewright
