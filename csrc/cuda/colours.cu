#include <cuda_runtime.h>

#include "core/oklab.h"
#include "cuda/colours.h"

namespace tilewright::cuda {
namespace {

constexpr int kColourThreads = 256;
constexpr std::int64_t kMostBlocks = 4096;  ///< with more colours than threads, each thread processes several

__device__ __forceinline__ std::int64_t first_colour() {
    return static_cast<std::int64_t>(blockIdx.x) * kColourThreads + threadIdx.x;
}

__device__ __forceinline__ std::int64_t colour_stride() {
    return static_cast<std::int64_t>(gridDim.x) * kColourThreads;
}

// Each kernel takes one struct, because the arguments of cudaLaunchKernel are untyped.

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
    const std::int32_t* linear_light;  ///< kLinearLight
    const std::uint8_t* palette;
    const Oklab* targets;  ///< the palette in OKLab
    int entries;
    std::uint8_t* rgba;
};

__global__ void remap_kernel(RemapCall call) {
    for (std::int64_t i = first_colour(); i < call.count; i += colour_stride()) {
        const uchar4 colour = reinterpret_cast<const uchar4*>(call.colours)[i];
        uchar4 nearest = colour;
        if (colour.w >= 128) {
            const Oklab own =
                oklab(call.linear_light[colour.x], call.linear_light[colour.y], call.linear_light[colour.z]);
            int best = 0;
            for (int k = 1; k < call.entries; ++k) {
                best = distance(own, call.targets[k]) < distance(own, call.targets[best]) ? k : best;
            }
            nearest = reinterpret_cast<const uchar4*>(call.palette)[best];
        }
        reinterpret_cast<uchar4*>(call.rgba)[i] = nearest;
    }
}

struct PaletteCall {
    const std::uint8_t* indices;
    std::int64_t pixels;
    std::int64_t count;  ///< pixels of all tiles
    const std::uint8_t* palettes;
    std::int64_t tile_entries;  ///< 0: one palette for all
    int entries;
    std::uint8_t* rgba;
};

__global__ void palette_kernel(PaletteCall call) {
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

cudaError_t binarize_alpha(const std::uint8_t* colours, std::int64_t count, int channels, std::uint8_t* rgba,
                           cudaStream_t stream) {
    return launch_over(clear_kernel, ClearCall{colours, count, channels, rgba}, stream);
}

cudaError_t remap(const std::uint8_t* colours, std::int64_t count, const std::int32_t* linear_light,
                  const std::uint8_t* palette, const Oklab* targets, int entries, std::uint8_t* rgba,
                  cudaStream_t stream) {
    return launch_over(remap_kernel, RemapCall{colours, count, linear_light, palette, targets, entries, rgba},
                       stream);
}

cudaError_t apply_palette(const std::uint8_t* indices, std::int64_t tiles, std::int64_t pixels,
                          const std::uint8_t* palettes, int entries, bool shared, std::uint8_t* rgba,
                          cudaStream_t stream) {
    const std::int64_t tile_entries = shared ? 0 : entries;
    return launch_over(palette_kernel,
                       PaletteCall{indices, pixels, tiles * pixels, palettes, tile_entries, entries, rgba},
                       stream);
}

}  // namespace tilewright::cuda
