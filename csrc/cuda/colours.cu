#include <cuda_runtime.h>

#include "cuda/colours.h"

namespace tilewright::cuda {
namespace {

constexpr int kColourThreads = 256;
constexpr std::int64_t kMostBlocks =
    4096;  ///< each takes more than one colour per thread where there are many

__device__ __forceinline__ std::int64_t first_colour() {
    return static_cast<std::int64_t>(blockIdx.x) * kColourThreads + threadIdx.x;
}

__device__ __forceinline__ std::int64_t colour_stride() {
    return static_cast<std::int64_t>(gridDim.x) * kColourThreads;
}

// Kernels take one struct, as cudaLaunchKernel is given arguments without types.

struct ClearCall {
    const std::uint8_t* colours;
    std::int64_t count;
    int channels;
    std::uint8_t* rgba;
};

__global__ void clear_kernel(ClearCall call) {
    for (std::int64_t i = first_colour(); i < call.count; i += colour_stride()) {
        const std::uint8_t* const colour = call.colours + i * call.channels;
        const bool opaque = call.channels == 3 || colour[3] >= 128;
        const uchar4 rgba = {colour[0], colour[1], colour[2], 255};
        reinterpret_cast<uchar4*>(call.rgba)[i] = opaque ? rgba : uchar4{0, 0, 0, 0};
    }
}

struct RemapCall {
    const std::uint8_t* colours;
    std::int64_t count;
    const std::uint8_t* palette;
    int entries;
    std::uint8_t* rgba;
};

__global__ void remap_kernel(RemapCall call) {
    const uchar4* const palette = reinterpret_cast<const uchar4*>(call.palette);
    for (std::int64_t i = first_colour(); i < call.count; i += colour_stride()) {
        const uchar4 colour = reinterpret_cast<const uchar4*>(call.colours)[i];
        uchar4 nearest = colour;
        int least = 0x7FFFFFFF;
        for (int k = 0; k < call.entries && colour.w >= 128; ++k) {
            const int red = colour.x - palette[k].x;
            const int green = colour.y - palette[k].y;
            const int blue = colour.z - palette[k].z;
            const int distance = red * red + green * green + blue * blue;
            if (distance < least) {
                least = distance;
                nearest = palette[k];
            }
        }
        reinterpret_cast<uchar4*>(call.rgba)[i] = nearest;
    }
}

struct PaintCall {
    const std::uint8_t* indices;
    std::int64_t pixels;
    std::int64_t count;  ///< pixels of all tiles
    const std::uint8_t* palettes;
    std::int64_t tile_entries;  ///< 0: one palette for all
    int entries;
    std::uint8_t* rgba;
};

__global__ void paint_kernel(PaintCall call) {
    for (std::int64_t i = first_colour(); i < call.count; i += colour_stride()) {
        const uchar4* const palette =
            reinterpret_cast<const uchar4*>(call.palettes) + i / call.pixels * call.tile_entries;
        const int index = call.indices[i];
        reinterpret_cast<uchar4*>(call.rgba)[i] = index < call.entries ? palette[index] : uchar4{0, 0, 0, 0};
    }
}

template <typename T>
cudaError_t launch_over(void (*kernel)(T), T call, cudaStream_t stream) {
    if (call.count == 0) {
        return cudaSuccess;
    }
    const std::int64_t blocks = (call.count + kColourThreads - 1) / kColourThreads;
    const dim3 grid(static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks));
    void* arguments[] = {&call};
    return cudaLaunchKernel(kernel, grid, dim3(kColourThreads), arguments, 0, stream);
}

}  // namespace

cudaError_t opaque_or_clear(const std::uint8_t* colours, std::int64_t count, int channels, std::uint8_t* rgba,
                            cudaStream_t stream) {
    return launch_over(clear_kernel, ClearCall{colours, count, channels, rgba}, stream);
}

cudaError_t remap(const std::uint8_t* colours, std::int64_t count, const std::uint8_t* palette, int entries,
                  std::uint8_t* rgba, cudaStream_t stream) {
    return launch_over(remap_kernel, RemapCall{colours, count, palette, entries, rgba}, stream);
}

cudaError_t paint(const std::uint8_t* indices, std::int64_t tiles, std::int64_t pixels,
                  const std::uint8_t* palettes, int entries, bool shared, std::uint8_t* rgba,
                  cudaStream_t stream) {
    const std::int64_t tile_entries = shared ? 0 : entries;
    return launch_over(paint_kernel,
                       PaintCall{indices, pixels, tiles * pixels, palettes, tile_entries, entries, rgba},
                       stream);
}

}  // namespace tilewright::cuda
