#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace tilewright {

/// A cache line, and the widest register. Workspaces, values and packed weights are aligned to it.
constexpr std::size_t kAlignment = 64;

inline std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

struct FreeAligned {
    void operator()(std::uint8_t* memory) const;
};
using AlignedBytes = std::unique_ptr<std::uint8_t, FreeAligned>;

/// Allocates `bytes` zeros aligned to kAlignment. Throws std::bad_alloc.
AlignedBytes allocate_aligned(std::size_t bytes);

}  // namespace tilewright
