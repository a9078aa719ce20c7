#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "core/oklab.h"

// Indices and colours to RGBA, in the device's memory: what core/apply_palette.h and core/oklab.h do on the
// host.

namespace tilewright::cuda {

/// colours: (count, channels), 3 or 4 -> rgba (count, 4), with alpha 0 or 255; transparent colours become
/// black.
cudaError_t binarize_alpha(const std::uint8_t* colours, std::int64_t count, int channels, std::uint8_t* rgba,
                           cudaStream_t stream);

/// As core/oklab.h's. linear_light: kLinearLight; targets: the palette in OKLab.
cudaError_t remap(const std::uint8_t* colours, std::int64_t count, const std::int32_t* linear_light,
                  const std::uint8_t* palette, const Oklab* targets, int entries, std::uint8_t* rgba,
                  cudaStream_t stream);

/// rgba[tile][pixel] = palettes[tile][indices[tile][pixel]], with one palette for all tiles if `shared`. An
/// index out of range gives zeros.
cudaError_t apply_palette(const std::uint8_t* indices, std::int64_t tiles, std::int64_t pixels,
                          const std::uint8_t* palettes, int entries, bool shared, std::uint8_t* rgba,
                          cudaStream_t stream);

}  // namespace tilewright::cuda
