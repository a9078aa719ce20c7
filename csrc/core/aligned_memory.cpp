#include "core/aligned_memory.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace tilewright {

void FreeAligned::operator()(std::uint8_t* memory) const {
    ::operator delete(memory, std::align_val_t{kAlignment});
}

AlignedBytes allocate_aligned(std::size_t bytes) {
    bytes = std::max<std::size_t>(bytes, 1);
    AlignedBytes memory(static_cast<std::uint8_t*>(::operator new(bytes, std::align_val_t{kAlignment})));
    std::memset(memory.get(), 0, bytes);
    return memory;
}

}  // namespace tilewright
