#include "core/executor.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "core/aligned_memory.h"
#include "core/check_plan.h"
#include "core/thread_pool.h"

namespace tilewright {
namespace {

// Queried once, because the C library reads a system file, and at load time: a fork during the initialisation
// of a function-local static would deadlock the child.
const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());

std::size_t worker_count(const TileRequest& request) {
    const std::size_t wanted = request.threads > 0 ? static_cast<std::size_t>(request.threads) : processors;
    return std::clamp<std::size_t>(std::min(wanted, request.count), 1, kMaxWorkers);
}

}  // namespace

/// The memory of one worker: the program's workspace, and what a request gives for a block. It is
/// zero-initialised, because kernels may read padding, whose contents do not matter but must be defined.
struct Executor::Workspace {
    Workspace(const Program& program, const Plan& plan) : bytes(allocate_aligned(program.workspace_bytes())) {
        const std::size_t most_tiles = program.block_tiles(~std::size_t{0});
        for (const Input& input : plan.inputs) {
            inputs.emplace_back(most_tiles * plan.values[input.value].bytes());
        }
        numbers.resize(most_tiles);
        allowed.resize(plan.sampler ? most_tiles * static_cast<std::size_t>(plan.sampler->colours) : 0);
    }

    std::uint8_t* memory() const { return bytes.get(); }

    AlignedBytes bytes;
    std::vector<std::vector<std::uint8_t>> inputs;
    std::vector<std::uint64_t> numbers;
    std::vector<std::uint8_t> allowed;
};

Executor::Executor(Plan plan, const Backend& backend) : plan_(std::move(plan)), backend_(&backend) {
    check_plan(plan_);
    program_ = backend_->prepare(plan_, false);
    give_back(std::make_unique<Workspace>(*program_, plan_));
}

Executor::~Executor() {
    for (std::atomic<Workspace*>& slot : spare_) {
        delete slot.load();
    }
}

std::unique_ptr<Executor::Workspace> Executor::take_workspace() const {
    for (std::atomic<Workspace*>& slot : spare_) {
        if (Workspace* workspace = slot.exchange(nullptr)) {
            return std::unique_ptr<Workspace>(workspace);
        }
    }
    return std::make_unique<Workspace>(*program_, plan_);
}

void Executor::give_back(std::unique_ptr<Workspace> workspace) const {
    for (std::atomic<Workspace*>& slot : spare_) {
        Workspace* empty = nullptr;
        if (slot.compare_exchange_strong(empty, workspace.get())) {
            workspace.release();
            return;
        }
    }
}

Block Executor::begin_block(const Program& program, const TileRequest& request, std::size_t begin,
                            std::size_t end, Workspace& workspace) const {
    const std::size_t tiles = program.block_tiles(end - begin);
    fill_inputs(plan_, request, begin, tiles, workspace.inputs);
    for (std::size_t tile = 0; tile < tiles; ++tile) {
        workspace.numbers[tile] = request.number_of(begin + tile);
        if (request.allowed) {
            fill_allowed(plan_, request, begin + tile,
                         workspace.allowed.data() + tile * static_cast<std::size_t>(plan_.sampler->colours));
        }
    }
    return {tiles,
            &workspace.inputs,
            request.seed,
            workspace.numbers.data(),
            request.allowed ? workspace.allowed.data() : nullptr,
            sampling_of(plan_, request),
            request.interrupt};
}

void Executor::run_range(const TileRequest& request, std::size_t begin, std::size_t end, Workspace& workspace,
                         const std::vector<std::uint8_t*>& outputs) const {
    while (begin < end && !requested(request.interrupt)) {
        const Block block = begin_block(*program_, request, begin, end, workspace);
        program_->run(block, workspace.memory());
        for (std::size_t o = 0; o < outputs.size(); ++o) {
            const std::size_t bytes = plan_.values[plan_.outputs[o].value].bytes();
            for (std::size_t i = 0; i < block.tiles; ++i) {
                program_->read(plan_.outputs[o].value, i, block.tiles, workspace.memory(),
                               outputs[o] + (begin + i) * bytes);
            }
        }
        begin += block.tiles;
    }
}

/// One call, shared by its workers. Each worker takes a few tiles at a time, because cores differ in speed
/// and load. The bytes of a tile do not depend on the worker.
struct Executor::Job {
    const Executor& executor;
    const TileRequest& request;
    const std::vector<std::uint8_t*>& outputs;
    std::size_t workers;
    std::array<std::unique_ptr<Workspace>, kMaxWorkers> workspaces;
    std::atomic<std::size_t> taken{0};

    /// Returns the number of tiles to take if `left` remain: an even share in whole blocks, and at the end
    /// pieces of at least the profitable minimum.
    std::size_t portion(std::size_t left) const {
        constexpr std::size_t kLeast = 4;
        const auto share = [this](std::size_t tiles) { return (tiles + workers - 1) / workers; };
        if (workers == 1) {
            return left;
        }
        const std::size_t most = executor.program_->block_tiles(~std::size_t{0});
        const std::size_t least = std::min({kLeast, most, share(request.count)});
        return std::min(left, std::clamp(share(left), least, most));
    }

    static void work(void* context, std::size_t worker) {
        Job& job = *static_cast<Job*>(context);
        std::size_t begin = job.taken.load();
        while (begin < job.request.count) {
            const std::size_t end = begin + job.portion(job.request.count - begin);
            if (job.taken.compare_exchange_weak(begin, end)) {
                job.executor.run_range(job.request, begin, end, *job.workspaces[worker], job.outputs);
                begin = job.taken.load();
            }
        }
    }
};

void Executor::run(const TileRequest& request, const std::vector<std::uint8_t*>& outputs) const {
    if (request.threads < 0) {
        throw std::invalid_argument("Executor.run(): threads must be 0 or more, not " +
                                    std::to_string(request.threads));
    }
    check_request(plan_, request, "Executor.run()");
    Job job{*this, request, outputs, worker_count(request), {}};
    for (std::size_t worker = 0; worker < job.workers; ++worker) {
        job.workspaces[worker] = take_workspace();
    }
    run_in_parallel(job.workers, &Job::work, &job, request.interrupt);
    for (std::size_t worker = 0; worker < job.workers; ++worker) {
        give_back(std::move(job.workspaces[worker]));
    }
}

std::vector<StageTime> Executor::time_stages(int rounds, Interrupt* interrupt) const {
    if (rounds < 1) {
        throw std::invalid_argument("Executor.time_stages(): rounds must be 1 or more, not " +
                                    std::to_string(rounds));
    }
    std::unique_ptr<Workspace> workspace = take_workspace();
    TileRequest request;
    request.count = program_->block_tiles(~std::size_t{0});
    request.interrupt = interrupt;
    const Block block = begin_block(*program_, request, 0, request.count, *workspace);
    program_->run(block, workspace->memory());
    std::vector<StageTime> times = program_->time_stages(block, workspace->memory(), rounds);
    give_back(std::move(workspace));
    return times;
}

std::vector<std::vector<std::uint8_t>> Executor::trace(const TileRequest& request) const {
    check_request(plan_, request, "Executor.trace()");
    const std::unique_ptr<Program> program = backend_->prepare(plan_, true);
    Workspace workspace(*program, plan_);
    TileRequest one = request;
    one.count = 1;
    program->run(begin_block(*program, one, 0, 1, workspace), workspace.memory());
    std::vector<std::vector<std::uint8_t>> written;
    for (const Step& step : plan_.steps) {
        std::vector<std::uint8_t>& bytes = written.emplace_back(plan_.values[step.output].bytes());
        program->read(step.output, 0, 1, workspace.memory(), bytes.data());
    }
    return written;
}

}  // namespace tilewright
