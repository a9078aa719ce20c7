#include "core/executor.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "core/check_plan.h"

namespace tilewright {
namespace {

constexpr std::size_t kMaxWorkers = 256;

std::size_t round_up(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

struct AlignedDelete {
    void operator()(std::uint8_t* memory) const { ::operator delete(memory, std::align_val_t{kAlignment}); }
};

std::size_t worker_count(const TileRequest& request) {
    const std::size_t wanted = request.threads > 0 ? static_cast<std::size_t>(request.threads)
                                                   : std::max(1u, std::thread::hardware_concurrency());
    return std::clamp<std::size_t>(std::min(wanted, request.count), 1, kMaxWorkers);
}

}  // namespace

/// One worker's memory: the arena, and after it the scratch space of whichever step is running.
class Executor::Workspace {
  public:
    explicit Workspace(const Executor& executor)
        : scratch_offset_(round_up(executor.plan_.arena_bytes)),
          memory_(static_cast<std::uint8_t*>(
              ::operator new(scratch_offset_ + executor.scratch_bytes_, std::align_val_t{kAlignment}))) {}

    std::uint8_t* arena() const { return memory_.get(); }
    std::uint8_t* scratch() const { return memory_.get() + scratch_offset_; }

  private:
    std::size_t scratch_offset_;
    std::unique_ptr<std::uint8_t, AlignedDelete> memory_;
};

Executor::Executor(Plan plan, const Backend& backend) : plan_(std::move(plan)), backend_(&backend) {
    check_plan(plan_);
    for (const Step& step : plan_.steps) {
        scratch_bytes_ = std::max(scratch_bytes_, backend_->scratch_bytes(step.op));
    }
}

void Executor::check_request(const TileRequest& request) const {
    if (request.threads < 0) {
        throw std::invalid_argument("Executor.run(): threads must be 0 or more, not " +
                                    std::to_string(request.threads));
    }
    for (std::size_t tile = 0; request.kinds && tile < request.count; ++tile) {
        if (request.kinds[tile] < 0 || request.kinds[tile] >= plan_.kinds) {
            throw std::invalid_argument("Executor.run(): kind " + std::to_string(request.kinds[tile]) +
                                        " of tile " + std::to_string(tile) + " is not below " +
                                        std::to_string(plan_.kinds));
        }
    }
}

std::int32_t Executor::begin_tile(const TileRequest& request, std::size_t tile, std::uint8_t* arena) const {
    const std::uint64_t index = request.start + tile;
    std::uint8_t* buffer = arena + plan_.latent_offset;
    std::int8_t* latents = reinterpret_cast<std::int8_t*>(buffer);
    if (request.latents) {
        std::copy_n(request.latents + tile * plan_.latent_size, plan_.latent_size, latents);
    } else {
        draw_latents(request.seed, index, plan_.latent_table, plan_.latent_size, latents);
    }
    for (std::size_t i = 0; i < plan_.latent_size; ++i) {
        buffer[i] ^= 0x80;  // int8 + 128 as uint8
    }
    return request.kinds ? request.kinds[tile] : draw_kind(request.seed, index, plan_.kinds);
}

void Executor::run_step(const Step& step, std::int32_t kind, const Workspace& workspace) const {
    Operands operands{};
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
        operands.inputs[i] = workspace.arena() + step.inputs[i].offset;
    }
    operands.output = workspace.arena() + step.output.offset;
    operands.scratch = workspace.scratch();
    operands.kind = kind;

    struct Dispatch {
        const Backend& backend;
        const Operands& operands;
        void operator()(const ops::Embed& op) const { backend.embed(op, operands); }
        void operator()(const ops::Concat& op) const { backend.concat(op, operands); }
        void operator()(const ops::Dense& op) const { backend.dense(op, operands); }
        void operator()(const ops::Conv2d& op) const { backend.conv2d(op, operands); }
        void operator()(const ops::ConvTranspose2d& op) const { backend.conv_transpose2d(op, operands); }
        void operator()(const ops::Scores& op) const { backend.scores(op, operands); }
        void operator()(const ops::Argmax& op) const { backend.argmax(op, operands); }
        void operator()(const ops::Lookup& op) const { backend.lookup(op, operands); }
        void operator()(const ops::Add& op) const { backend.add(op, operands); }
        void operator()(const ops::Nearest& op) const { backend.nearest(op, operands); }
    };
    std::visit(Dispatch{*backend_, operands}, step.op);
}

void Executor::run_range(const TileRequest& request, std::size_t begin, std::size_t end,
                         const Workspace& workspace, const std::vector<std::uint8_t*>& outputs) const {
    for (std::size_t tile = begin; tile < end; ++tile) {
        const std::int32_t kind = begin_tile(request, tile, workspace.arena());
        for (const Step& step : plan_.steps) {
            run_step(step, kind, workspace);
        }
        for (std::size_t o = 0; o < plan_.outputs.size(); ++o) {
            const Output& output = plan_.outputs[o];
            std::memcpy(outputs[o] + tile * output.bytes, workspace.arena() + output.offset, output.bytes);
        }
    }
}

void Executor::run(const TileRequest& request, const std::vector<std::uint8_t*>& outputs) const {
    check_request(request);
    const std::size_t workers = worker_count(request);
    std::vector<Workspace> workspaces;
    workspaces.reserve(workers);
    for (std::size_t worker = 0; worker < workers; ++worker) {
        workspaces.emplace_back(*this);
    }
    // Contiguous shares that differ by one tile at most; count * worker cannot overflow in this form.
    const auto share_begin = [&](std::size_t worker) {
        return request.count / workers * worker + std::min(worker, request.count % workers);
    };
    const auto work = [&](std::size_t worker) {
        run_range(request, share_begin(worker), share_begin(worker + 1), workspaces[worker], outputs);
    };
    std::vector<std::thread> threads;
    threads.reserve(workers);
    std::size_t started = 1;
    try {
        for (; started < workers; ++started) {
            threads.emplace_back(work, started);
        }
    } catch (const std::system_error&) {
        // The system gives no more threads: this one does the rest.
    }
    work(0);
    for (std::size_t worker = started; worker < workers; ++worker) {
        work(worker);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
}

std::vector<std::vector<std::uint8_t>> Executor::trace(const TileRequest& request) const {
    check_request(request);
    const Workspace workspace(*this);
    const std::int32_t kind = begin_tile(request, 0, workspace.arena());
    std::vector<std::vector<std::uint8_t>> written;
    for (const Step& step : plan_.steps) {
        run_step(step, kind, workspace);
        const std::uint8_t* output = workspace.arena() + step.output.offset;
        written.emplace_back(output, output + output_bytes(step));
    }
    return written;
}

}  // namespace tilewright
