#include "cuda/program.h"

#include <algorithm>
#include <string>

#include "core/device_executor.h"
#include "core/stages.h"
#include "cuda/error.h"
#include "cuda/plan_layout.h"
#include "cuda/plan_writer.h"
#include "sampler/cell_order.h"
#include "sampler/wavefronts.h"

namespace tilewright::cuda {
namespace {

constexpr int kMostTiles = 64;
constexpr std::size_t kMostArenaBytes = std::size_t{1} << 31;
constexpr int kMostEdge = 32767;  // the kernel stores row and column in 16 bits each
constexpr int kBlocksAtOnce = 2;  ///< per multiprocessor: one computes while the other waits at a barrier

/// Returns the cells that each evaluation of an autoregressive sampler fixes.
std::vector<CellGroup> groups_of(const Plan& plan, const std::vector<tilewright::Stage>& stages) {
    if (!plan.sampler || plan.sampler->method != Sampler::Method::kAutoregressive) {
        return {};
    }
    const MapShape picture = map_shape(plan, plan.sampler->cells);
    return wavefronts(dependences_of(plan, stages), picture.height, picture.width);
}

/// Returns the evaluations of the network per tile. A trace (keep_all) is one.
int evaluations_of(const Plan& plan, const std::vector<CellGroup>& groups, bool keep_all) {
    if (!plan.sampler || keep_all) {
        return 1;
    }
    return groups.empty() ? plan.sampler->steps : static_cast<int>(groups.size());
}

}  // namespace

DeviceLimits current_limits() {
    int device = 0;
    check(cudaGetDevice(&device), "no device");
    const auto ask = [device](cudaDeviceAttr what) {
        int value = 0;
        check(cudaDeviceGetAttribute(&value, what, device), "the device does not answer");
        return value;
    };
    return {static_cast<std::size_t>(ask(cudaDevAttrMaxSharedMemoryPerBlockOptin)),
            static_cast<std::size_t>(ask(cudaDevAttrMaxSharedMemoryPerMultiprocessor)),
            static_cast<std::size_t>(ask(cudaDevAttrReservedSharedMemoryPerBlock)),
            ask(cudaDevAttrMultiProcessorCount)};
}

Program::Program(const Plan& plan, bool keep_all) {
    for (ValueId id = 0; id < plan.values.size(); ++id) {
        const MapShape shape = map_shape(plan, id);
        if (std::max(shape.height, shape.width) > kMostEdge) {
            throw DeviceError("a map is longer than " + std::to_string(kMostEdge) + " cells along an edge");
        }
    }
    const DeviceLimits limits = current_limits();
    const std::vector<tilewright::Stage> stages = choose_stages(plan, keep_all);
    const std::vector<CellGroup> groups = groups_of(plan, stages);
    evaluations_ = evaluations_of(plan, groups, keep_all);
    const PlanWriter measured(plan, stages, groups, keep_all, nullptr);
    result_bytes_ = measured.result_bytes();

    // The maximum block size at which two blocks fit a multiprocessor, or one; the best size up to it is
    // chosen.
    const std::size_t for_one = limits.shared_bytes;
    const std::size_t for_each =
        std::min(for_one, limits.multiprocessor_bytes / kBlocksAtOnce - limits.reserved_bytes);
    in_shared_ = measured.arena_bytes(1) <= for_one;
    const std::size_t room = !in_shared_                           ? kMostArenaBytes
                             : measured.arena_bytes(1) <= for_each ? for_each
                                                                   : for_one;
    if (measured.arena_bytes(1) > room) {
        throw DeviceError("a tile needs more than 2 GiB of the GPU's memory at a time");
    }
    int best = 1;
    double least = measured.cost(1, in_shared_);
    for (int tiles = 2; tiles <= kMostTiles && in_shared_ && measured.arena_bytes(tiles) <= room; ++tiles) {
        const double cost = measured.cost(tiles, in_shared_) / tiles;
        if (cost < least) {
            best = tiles;
            least = cost;
        }
    }
    std::vector<int> counts;
    for (int tiles = 1; tiles < best; tiles *= 2) {
        counts.push_back(tiles);
    }
    counts.push_back(best);

    const auto write_all = [&](PlanWriter& writer) {
        variants_.clear();
        for (const int tiles : counts) {
            variants_.push_back({writer.write(tiles, in_shared_, evaluations_), 0});
        }
    };
    PlanWriter sized(plan, stages, groups, keep_all, nullptr);
    write_all(sized);
    memory_ = allocate_device(sized.image().bytes().size());
    PlanWriter writer(plan, stages, groups, keep_all, memory_.get());
    write_all(writer);
    const std::vector<std::uint8_t>& bytes = writer.image().bytes();
    check(cudaMemcpy(memory_.get(), bytes.data(), bytes.size(), cudaMemcpyHostToDevice),
          "no copy to the GPU");
    // The copy may still be pending on the default stream, which our streams do not wait for.
    check(cudaStreamSynchronize(nullptr), "no copy to the GPU");

    for (Variant& variant : variants_) {
        int resident = 0;
        check(resident_blocks(variant.plan.arena_bytes, in_shared_, &resident), "the kernel cannot run");
        if (resident < 1) {
            throw DeviceError("the kernel does not fit a multiprocessor of this GPU");
        }
        variant.resident = resident * limits.multiprocessors;
    }
    if (!in_shared_) {
        // Use at most half of the free memory, so that a plan with large arenas runs in fewer blocks.
        std::size_t available = 0;
        std::size_t all = 0;
        check(cudaMemGetInfo(&available, &all), "the device does not answer");
        Variant& only = variants_.back();
        const std::size_t blocks = available / 2 / kStreams / only.plan.arena_bytes;
        if (blocks < 1) {
            throw DeviceError("a tile needs " + std::to_string(only.plan.arena_bytes) +
                              " bytes of the GPU's memory at a time, more than are free");
        }
        only.resident = static_cast<int>(std::min(static_cast<std::size_t>(only.resident), blocks));
        arenas_bytes_ = static_cast<std::size_t>(only.resident) * only.plan.arena_bytes;
    }
}

Program::Launch Program::plan_for(std::int64_t count) const {
    const Variant* chosen = &variants_.back();
    for (const Variant& variant : variants_) {
        if ((count + variant.plan.tiles - 1) / variant.plan.tiles <= variant.resident) {
            chosen = &variant;  // all blocks are resident, with the fewest tiles each
            break;
        }
    }
    const std::int64_t blocks = (count + chosen->plan.tiles - 1) / chosen->plan.tiles;
    return {chosen->plan, static_cast<int>(std::min<std::int64_t>(blocks, chosen->resident))};
}

}  // namespace tilewright::cuda
