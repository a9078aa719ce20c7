#pragma once

#include <cstdint>

// The structs of DLPack 0.8 (dmlc/dlpack, dlpack.h), the ABI behind `__dlpack__`.

namespace tilewright::dlpack {

constexpr std::int32_t kCuda = 2;
constexpr std::uint8_t kUnsigned = 1;

struct Device {
    std::int32_t type;
    std::int32_t id;
};

struct DataType {
    std::uint8_t code;
    std::uint8_t bits;
    std::uint16_t lanes;
};

struct Tensor {
    void* data;
    Device device;
    std::int32_t axes;
    DataType type;
    std::int64_t* shape;
    std::int64_t* strides;  ///< null: C-contiguous
    std::uint64_t byte_offset;
};

struct ManagedTensor {
    Tensor tensor;
    void* context;
    void (*release)(ManagedTensor*);
};

constexpr const char* kCapsule = "dltensor";  ///< the consumer renames the capsule and then owns the tensor

}  // namespace tilewright::dlpack
