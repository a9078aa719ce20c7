#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "core/check_plan.h"
#include "core/device_executor.h"
#include "core/oklab.h"
#include "cuda/colours.h"
#include "cuda/error.h"
#include "cuda/memory.h"
#include "cuda/process.h"
#include "cuda/program.h"
#include "cuda/stream_slot.h"

namespace tilewright {
namespace cuda {
namespace {

/// The bytes that a caller may give for each tile.
struct GivenBytes {
    explicit GivenBytes(const Plan& plan)
        : latents(plan.latent_size()),
          kind_map(bytes_of(plan, Source::kKindMap)),
          words(bytes_of(plan, Source::kWords)),
          cells(bytes_of(plan, Source::kCells)),
          allowed(plan.sampler ? static_cast<std::size_t>(plan.sampler->colours) : 0) {}

    std::size_t sum() const { return number + kind + latents + kind_map + words + cells + allowed; }

    std::size_t number = sizeof(std::uint64_t);  ///< the first ones are aligned to their size
    std::size_t kind = sizeof(std::int32_t);
    std::size_t latents;
    std::size_t kind_map;
    std::size_t words;
    std::size_t cells;
    std::size_t allowed;

  private:
    static std::size_t bytes_of(const Plan& plan, Source source) {
        const tilewright::Input* const input = plan.find_input(source);
        return input ? plan.values[input->value].bytes() : 0;
    }
};

class CudaExecutor : public DeviceExecutor {
  public:
    CudaExecutor(Plan plan, int device) : plan_(std::move(plan)), device_(device) {
        check_plan(plan_);
        const OnDevice here(device_);
        program_ = std::make_unique<Program>(plan_, false);
        for (std::shared_ptr<StreamSlot>& slot : slots_) {
            slot = std::make_shared<StreamSlot>(*program_, GivenBytes(plan_).sum(), table_bytes());
        }
    }

    const Plan& plan() const override { return plan_; }
    int block_tiles() const override { return program_->block_tiles(); }
    int evaluations() const override { return program_->evaluations(); }
    bool in_shared_memory() const override { return program_->in_shared(); }

    void run(const TileRequest& request, const std::vector<std::uint8_t*>& outputs) const override {
        check_request(plan_, request, "DeviceExecutor.run()");
        check_process();
        const Turn turn = take_turn(request.interrupt);
        if (!turn) {
            return;
        }
        const OnDevice here(device_);
        const std::int64_t count = static_cast<std::int64_t>(request.count);
        const std::int64_t size = slots_[0]->tiles;
        const std::int64_t chunks = (count + size - 1) / size;
        for (std::int64_t chunk = 0; chunk < chunks + kStreams; ++chunk) {
            const StreamSlot& slot = *slots_[static_cast<std::size_t>(chunk % kStreams)];
            // Its previous work is complete by now, or nearly.
            if (!wait_for(slot.done, request.interrupt)) {
                return;
            }
            if (chunk >= kStreams) {
                const std::int64_t begin = (chunk - kStreams) * size;
                copy_out(slot, begin, std::min(size, count - begin), outputs);
            }
            if (chunk < chunks) {
                const std::int64_t begin = chunk * size;
                const std::int64_t tiles = std::min(size, count - begin);
                start(*program_, slot, request, begin, tiles, slot.results.get(), size, 0);
                fetch(slot, tiles);
                check(cudaEventRecord(slot.done.get(), slot.stream.get()), "the GPU failed");
            }
        }
    }

    std::vector<DeviceArray> run_on_device(const TileRequest& request) const override {
        check_request(plan_, request, "DeviceExecutor.run()");
        check_process();
        const Turn turn = take_turn(request.interrupt);
        if (!turn) {
            return {};
        }
        const OnDevice here(device_);
        const std::int64_t count = static_cast<std::int64_t>(request.count);
        const std::int64_t capacity = (count + kTilesMultiple - 1) / kTilesMultiple * kTilesMultiple;
        const std::shared_ptr<StreamSlot>& slot = slots_[0];
        const auto memory = allocate(static_cast<std::size_t>(capacity) * program_->result_bytes());
        // Values drawn on the device need no staging buffers, so one launch generates all tiles.
        const bool given = request.latents || request.kinds || request.kind_maps || request.words ||
                           request.tile_numbers || request.cells || request.allowed;
        const std::int64_t size = given ? slot->tiles : capacity;
        for (std::int64_t begin = 0; begin < count; begin += size) {
            if (!wait_for(slot->done, request.interrupt)) {
                return {};
            }
            start(*program_, *slot, request, begin, std::min(size, count - begin), memory->bytes(), capacity,
                  begin);
            check(cudaEventRecord(slot->done.get(), slot->stream.get()), "the GPU failed");
        }
        memory->mark_filled();
        std::vector<DeviceArray> arrays;
        std::size_t offset = 0;
        for (const Output& output : plan_.outputs) {
            const Value& value = plan_.values[output.value];
            std::vector<std::int64_t> shape = {count};
            shape.insert(shape.end(), value.shape.begin(), value.shape.end());
            if (value.is_int32()) {
                shape.push_back(sizeof(std::int32_t));
            }
            arrays.push_back({memory, offset, std::move(shape)});
            offset += value.bytes() * static_cast<std::size_t>(capacity);
        }
        return arrays;
    }

    std::vector<std::vector<std::uint8_t>> trace(const TileRequest& request) const override {
        check_request(plan_, request, "DeviceExecutor.run()");
        check_process();
        const Turn turn = take_turn(request.interrupt);
        if (!turn) {
            return {};
        }
        const OnDevice here(device_);
        const Program program(plan_, true);
        const StreamSlot slot(program, GivenBytes(plan_).sum(), table_bytes());
        TileRequest one = request;
        one.count = 1;
        start(program, slot, one, 0, 1, slot.results.get(), slot.tiles, 0);
        check(cudaStreamSynchronize(slot.stream.get()), "the GPU failed");
        std::vector<std::vector<std::uint8_t>> written;
        const std::uint8_t* from = slot.results.get();
        for (const Step& step : plan_.steps) {
            std::vector<std::uint8_t>& bytes = written.emplace_back(plan_.values[step.output].bytes());
            check(cudaMemcpy(bytes.data(), from, bytes.size(), cudaMemcpyDeviceToHost),
                  "no copy from the GPU");
            from += bytes.size() * static_cast<std::size_t>(slot.tiles);
        }
        return written;
    }

    std::vector<double> time(std::size_t tiles, int rounds, Interrupt* interrupt) const override {
        check_process();
        const Turn turn = take_turn(interrupt);
        if (!turn) {
            return {};
        }
        const OnDevice here(device_);
        const StreamSlot& slot = *slots_[0];
        if (!wait_for(slot.done, interrupt)) {
            return {};
        }
        const std::int64_t count = static_cast<std::int64_t>(tiles);
        const std::int64_t capacity = (count + kTilesMultiple - 1) / kTilesMultiple * kTilesMultiple;
        const DeviceBytes results =
            allocate_device(static_cast<std::size_t>(capacity) * program_->result_bytes());
        const Event begin = make_event(true);
        const Event end = make_event(true);
        TileRequest request;
        request.count = tiles;
        std::vector<double> seconds;
        for (int round = -1; round < rounds; ++round) {  // round -1 is a warm-up
            check(cudaEventRecord(begin.get(), slot.stream.get()), "the GPU failed");
            start(*program_, slot, request, 0, count, results.get(), capacity, 0);
            check(cudaEventRecord(end.get(), slot.stream.get()), "the GPU failed");
            if (!wait_for(end, interrupt)) {
                check(cudaEventSynchronize(end.get()), "the GPU failed");  // it writes to `results`
                return {};
            }
            float milliseconds = 0;
            check(cudaEventElapsedTime(&milliseconds, begin.get(), end.get()), "the GPU failed");
            if (round >= 0) {
                seconds.push_back(static_cast<double>(milliseconds) / 1000);
            }
        }
        return seconds;
    }

    DeviceArray upload(const std::uint8_t* bytes, std::vector<std::int64_t> shape) const override {
        return make_array(std::move(shape), [&](DeviceArray& made, cudaStream_t stream) {
            // The source is not pinned, so the call returns after reading it.
            return cudaMemcpyAsync(made.data(), bytes, static_cast<std::size_t>(made.size()),
                                   cudaMemcpyHostToDevice, stream);
        });
    }

    DeviceArray binarize_alpha(const DeviceArray& colours) const override {
        const int channels = static_cast<int>(colours.shape.back());
        std::vector<std::int64_t> shape = colours.shape;
        shape.back() = 4;
        return make_array(std::move(shape), [&](DeviceArray& made, cudaStream_t stream) {
            return cuda::binarize_alpha(colours.data(), colours.size() / channels, channels, made.data(),
                                        stream);
        });
    }

    DeviceArray remap(const DeviceArray& colours, const std::vector<std::uint8_t>& palette) const override {
        const DeviceArray entries =
            upload(palette.data(), {static_cast<std::int64_t>(palette.size() / 4), 4});
        const std::vector<Oklab> targets = to_oklab(palette.data(), palette.size() / 4);
        const auto upload_bytes = [&](const void* from, std::size_t bytes) {
            return upload(static_cast<const std::uint8_t*>(from), {static_cast<std::int64_t>(bytes)});
        };
        const DeviceArray in_oklab = upload_bytes(targets.data(), targets.size() * sizeof(Oklab));
        const DeviceArray light = upload_bytes(kLinearLight, sizeof kLinearLight);
        return make_array(colours.shape, [&](DeviceArray& made, cudaStream_t stream) {
            return cuda::remap(colours.data(), colours.size() / 4,
                               reinterpret_cast<const std::int32_t*>(light.data()), entries.data(),
                               reinterpret_cast<const Oklab*>(in_oklab.data()),
                               static_cast<int>(targets.size()), made.data(), stream);
        });
    }

    DeviceArray apply_palette(const DeviceArray& indices, const DeviceArray& palettes) const override {
        const std::int64_t tiles = indices.shape[0];
        const std::int64_t pixels = tiles > 0 ? indices.size() / tiles : 1;
        std::vector<std::int64_t> shape = indices.shape;
        shape.push_back(4);
        return make_array(std::move(shape), [&](DeviceArray& made, cudaStream_t stream) {
            return cuda::apply_palette(indices.data(), tiles, pixels, palettes.data(),
                                       static_cast<int>(palettes.shape[1]), palettes.shape[0] == 1,
                                       made.data(), stream);
        });
    }

  private:
    /// Check before locking: another thread of the parent may have held the lock during the fork.
    static void check_process() {
        if (is_forked()) {
            throw DeviceError(kForked);
        }
    }

    /// Bytes of the noise and of the table of latents that a request may give.
    std::size_t noise_bytes() const { return plan_.sampler ? kNoiseEntries * sizeof(std::int32_t) : 0; }
    std::size_t latent_table_bytes() const { return plan_.latent_size() ? sizeof(LatentTable) : 0; }
    std::size_t table_bytes() const { return noise_bytes() + latent_table_bytes(); }

    /// One call at a time may use the stream slots. Returns without the lock if the caller interrupts.
    using Turn = std::unique_lock<std::timed_mutex>;
    Turn take_turn(Interrupt* interrupt) const {
        Turn turn(mutex_, std::defer_lock);
        while (!turn.try_lock_for(std::chrono::milliseconds(50)) && !requested(interrupt)) {
        }
        return turn;
    }

    std::shared_ptr<PooledMemory> allocate(std::size_t bytes) const {
        return std::make_shared<PooledMemory>(bytes, device_, slots_[0]);
    }

    template <typename Fill>
    DeviceArray make_array(std::vector<std::int64_t> shape, const Fill& fill) const {
        check_process();
        const std::lock_guard<std::timed_mutex> turn(mutex_);
        const OnDevice here(device_);
        DeviceArray made{nullptr, 0, std::move(shape)};
        const auto memory = allocate(static_cast<std::size_t>(made.size()));
        made.memory = memory;
        check(fill(made, slots_[0]->stream.get()), "the GPU failed");
        memory->mark_filled();
        return made;
    }

    /// Asks the slot's stream for tiles begin, begin + 1, ... of the request, which go to `results` from its
    /// tile `first` on. The slot's inputs must be free: what it was asked before is done.
    void start(const Program& program, const StreamSlot& slot, const TileRequest& request, std::int64_t begin,
               std::int64_t tiles, std::uint8_t* results, std::int64_t capacity, std::int64_t first) const {
        const Program::Launch launch = program.plan_for(tiles);
        Call call{};
        call.plan = launch.plan;
        call.plan.arenas = slot.arenas.get();
        call.seed = request.seed;
        call.start = request.start + static_cast<std::uint64_t>(begin);
        call.count = static_cast<std::int32_t>(tiles);
        call.kind = request.kind.value_or(-1);
        call.results = results;
        call.capacity = capacity;
        call.first = first;
        std::size_t offset = 0;
        if (const SamplingOptions* const sampling = sampling_of(plan_, request)) {
            if (call.plan.sampling.masked) {
                call.draw = {sampling->order, sampling->refine, sampling->begin};
            }
            offset = noise_bytes();
            if (request.sampling) {
                std::memcpy(slot.host_inputs.get(), sampling->noise.data(), offset);
                check(cudaMemcpyAsync(slot.inputs.get(), slot.host_inputs.get(), offset,
                                      cudaMemcpyHostToDevice, slot.stream.get()),
                      "no copy to the GPU");
                call.plan.sampling.noise = reinterpret_cast<const std::int32_t*>(slot.inputs.get());
            }
        }
        if (request.latent_table) {
            std::memcpy(slot.host_inputs.get() + offset, request.latent_table->data(), latent_table_bytes());
            check(cudaMemcpyAsync(slot.inputs.get() + offset, slot.host_inputs.get() + offset,
                                  latent_table_bytes(), cudaMemcpyHostToDevice, slot.stream.get()),
                  "no copy to the GPU");
            call.plan.latent_table = reinterpret_cast<const std::int8_t*>(slot.inputs.get() + offset);
        }
        offset += latent_table_bytes();
        // Copies what the caller gives for each tile to the device, through the slot's pinned memory.
        const auto copy_in = [&](bool given, std::size_t bytes, const auto& write) -> const std::uint8_t* {
            const std::size_t from =
                std::exchange(offset, offset + bytes * static_cast<std::size_t>(slot.tiles));
            if (!given) {
                return nullptr;
            }
            for (std::int64_t i = 0; i < tiles; ++i) {
                write(static_cast<std::size_t>(begin + i),
                      slot.host_inputs.get() + from + static_cast<std::size_t>(i) * bytes);
            }
            check(cudaMemcpyAsync(slot.inputs.get() + from, slot.host_inputs.get() + from,
                                  bytes * static_cast<std::size_t>(tiles), cudaMemcpyHostToDevice,
                                  slot.stream.get()),
                  "no copy to the GPU");
            return slot.inputs.get() + from;
        };
        const GivenBytes bytes(plan_);
        call.numbers = reinterpret_cast<const std::uint64_t*>(
            copy_in(request.tile_numbers, bytes.number, [&](std::size_t tile, std::uint8_t* to) {
                const std::uint64_t number = request.number_of(tile);
                std::memcpy(to, &number, bytes.number);
            }));
        call.kinds = reinterpret_cast<const std::int32_t*>(
            copy_in(request.kinds, bytes.kind, [&](std::size_t tile, std::uint8_t* to) {
                const std::int32_t kind = kind_of(plan_, request, tile);
                std::memcpy(to, &kind, bytes.kind);
            }));
        call.latents = reinterpret_cast<const std::int8_t*>(
            copy_in(request.latents, bytes.latents, [&](std::size_t tile, std::uint8_t* to) {
                std::memcpy(to, request.latents + tile * bytes.latents, bytes.latents);
            }));
        call.kind_maps =
            copy_in(bool(request.kind_maps), bytes.kind_map, [&](std::size_t tile, std::uint8_t* to) {
                fill_kind_map(plan_, request, tile, bytes.kind_map, to);
            });
        call.words = copy_in(bool(request.words), bytes.words, [&](std::size_t tile, std::uint8_t* to) {
            std::memcpy(to, request.words.of(tile), bytes.words);
        });
        call.cells = copy_in(bool(request.cells), bytes.cells, [&](std::size_t tile, std::uint8_t* to) {
            fill_cells(plan_, request, tile, bytes.cells, to);
        });
        call.allowed = copy_in(bool(request.allowed), bytes.allowed, [&](std::size_t tile, std::uint8_t* to) {
            fill_allowed(plan_, request, tile, to);
        });
        if (tiles > 0) {
            check(cuda::launch(call, program.in_shared(), launch.blocks, slot.stream.get()),
                  "the kernel was not started");
        }
    }

    /// Asks for a chunk's results, output after output.
    void fetch(const StreamSlot& slot, std::int64_t tiles) const {
        std::size_t at = 0;
        for (const Output& output : plan_.outputs) {
            const std::size_t bytes = plan_.values[output.value].bytes();
            check(cudaMemcpyAsync(slot.host_results.get() + at, slot.results.get() + at,
                                  bytes * static_cast<std::size_t>(tiles), cudaMemcpyDeviceToHost,
                                  slot.stream.get()),
                  "no copy from the GPU");
            at += bytes * static_cast<std::size_t>(slot.tiles);
        }
    }

    void copy_out(const StreamSlot& slot, std::int64_t begin, std::int64_t tiles,
                  const std::vector<std::uint8_t*>& outputs) const {
        std::size_t at = 0;
        for (std::size_t o = 0; o < outputs.size() && tiles > 0; ++o) {
            const std::size_t bytes = plan_.values[plan_.outputs[o].value].bytes();
            std::memcpy(outputs[o] + static_cast<std::size_t>(begin) * bytes, slot.host_results.get() + at,
                        bytes * static_cast<std::size_t>(tiles));
            at += bytes * static_cast<std::size_t>(slot.tiles);
        }
    }

    Plan plan_;
    int device_;
    std::unique_ptr<Program> program_;
    std::array<std::shared_ptr<StreamSlot>, kStreams> slots_;
    mutable std::timed_mutex mutex_;
};

}  // namespace
}  // namespace cuda

std::unique_ptr<DeviceExecutor> make_cuda_executor(Plan plan, int device) {
    return std::make_unique<cuda::CudaExecutor>(std::move(plan), device);
}

}  // namespace tilewright
