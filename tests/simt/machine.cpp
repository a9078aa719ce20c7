#undef _FORTIFY_SOURCE  // its longjmp forbids switching stacks, as this file does

#include "machine.h"

#include <ucontext.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <memory>
#include <mutex>
#include <numeric>
#include <vector>

namespace simt {
namespace {

constexpr std::size_t kStackBytes = 128 << 10;
constexpr std::size_t kGuardBytes = 256;  // padding after a block's shared memory, to detect overruns

/// SplitMix64.
std::uint64_t draw(std::uint64_t& state) {
    std::uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

template <typename T>
void shuffle(std::vector<T>& items, std::uint64_t& state) {
    for (std::size_t i = items.size(); i > 1; --i) {
        std::swap(items[i - 1], items[draw(state) % i]);
    }
}

enum class State { kReady, kAtInstruction, kAtBarrier, kDone };

struct Fibre {
    State state = State::kReady;
    bool started = false;
    int barriers = 0;
    Position position;
    ucontext_t first{};
    jmp_buf resume{};
    std::unique_ptr<std::uint8_t[]> stack;
};

struct Warp {
    const char* instruction = nullptr;
    int arrived = 0;
    void* operands[kWarpThreads] = {};
};

/// The last access to a byte of the arena: the interval between barriers, and the warp.
struct Access {
    std::uint64_t interval = 0;
    int warp = 0;

    static constexpr int kSeveral = -1;
};

class Machine {
  public:
    std::string run(unsigned blocks, unsigned threads, std::size_t shared_bytes, void (*thread)(const void*),
                    const void* argument) {
        thread_ = thread;
        argument_ = argument;
        error_.clear();
        random_ = settings().seed;
        fibres_.resize(std::max<std::size_t>(fibres_.size(), threads));
        threads_ = threads;
        shared_.assign(shared_bytes + kGuardBytes, 0);
        for (unsigned block = 0; block < blocks && error_.empty(); ++block) {
            run_block(block, blocks, shared_bytes);
        }
        return error_;
    }

    const Position& position() const { return current_->position; }
    std::uint8_t* shared() { return shared_.data(); }

    void meet(const char* instruction, void* operand, void (*perform)(void* const (&)[kWarpThreads])) {
        const std::size_t thread = current_->position.thread.x;
        const std::size_t first = thread / kWarpThreads * kWarpThreads;
        Warp& warp = warps_[thread / kWarpThreads];
        if (warp.arrived > 0 && warp.instruction != instruction) {
            fail("thread " + std::to_string(thread) + " is at " + instruction +
                 " while others of its warp wait at " + warp.instruction);
        }
        warp.instruction = instruction;
        warp.operands[thread - first] = operand;
        if (++warp.arrived < kWarpThreads) {
            leave(State::kAtInstruction);
            return;
        }
        perform(warp.operands);
        warp.arrived = 0;
        for (std::size_t i = first; i < first + kWarpThreads; ++i) {
            fibres_[i].state = State::kReady;
        }
    }

    void barrier() {
        if (current_->barriers++ != settings().skip_barrier) {
            leave(State::kAtBarrier);
        }
    }

    [[noreturn]] void fail(const std::string& text) {
        error_ = text;
        _longjmp(scheduler_, 1);
    }

    void enter_arena(const std::uint8_t* bytes, std::size_t size) {
        arena_ = bytes;
        arena_size_ = size;
        writes_.resize(std::max(writes_.size(), size));
        reads_.resize(std::max(reads_.size(), size));
    }

    void note(const void* where, std::size_t size, bool write) {
        const auto at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(where) - arena_);
        const char* const verb = write ? "writes " : "reads ";
        const unsigned thread = current_->position.thread.x;
        if (at > arena_size_ || size > arena_size_ - at) {
            fail("thread " + std::to_string(thread) + " " + verb + std::to_string(size) + " bytes at " +
                 std::to_string(static_cast<std::ptrdiff_t>(at)) + " of an arena of " +
                 std::to_string(arena_size_));
        }
        if (reinterpret_cast<std::uintptr_t>(where) % size != 0) {
            fail("thread " + std::to_string(thread) + " " + verb + std::to_string(size) + " bytes at " +
                 std::to_string(at) + ", which is not aligned");
        }
        const int warp = static_cast<int>(thread / kWarpThreads);
        for (std::size_t i = at; i < at + size; ++i) {
            const bool written = writes_[i].interval == interval_ && writes_[i].warp != warp;
            const bool read = write && reads_[i].interval == interval_ && reads_[i].warp != warp;
            if (written || read) {
                fail("a race: thread " + std::to_string(thread) + " " + verb + "byte " + std::to_string(i) +
                     " of the arena, which another warp has " + (written ? "written" : "read") +
                     " since the last barrier");
            }
            if (write) {
                writes_[i] = {interval_, warp};
            } else {
                const bool shared = reads_[i].interval == interval_ && reads_[i].warp != warp;
                reads_[i] = {interval_, shared ? Access::kSeveral : warp};
            }
        }
    }

  private:
    void run_block(unsigned block, unsigned blocks, std::size_t shared_bytes) {
        warps_.assign((threads_ + kWarpThreads - 1) / kWarpThreads, Warp{});
        for (unsigned i = 0; i < threads_; ++i) {
            Fibre& fibre = fibres_[i];
            fibre.state = State::kReady;
            fibre.started = false;
            fibre.barriers = 0;
            fibre.position = {{i, 0, 0}, {block, 0, 0}, {blocks, 1, 1}, {threads_, 1, 1}};
        }
        for (std::uint8_t& byte : shared_) {
            byte = static_cast<std::uint8_t>(draw(random_));
        }
        const std::vector<std::uint8_t> guard(shared_.end() - kGuardBytes, shared_.end());
        enter_arena(shared_.data(), shared_bytes);
        std::vector<std::size_t> order(warps_.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        while (error_.empty()) {
            ++interval_;
            shuffle(order, random_);
            for (const std::size_t warp : order) {
                run_warp(warp);
                if (!error_.empty()) {
                    return;
                }
            }
            const auto first = fibres_.begin();
            const auto end = first + threads_;
            const auto done =
                std::count_if(first, end, [](const Fibre& f) { return f.state == State::kDone; });
            if (done == static_cast<std::ptrdiff_t>(threads_)) {
                break;
            }
            if (done > 0) {
                error_ = std::to_string(done) +
                         " threads of a block have ended while others wait at __syncthreads";
                return;
            }
            std::for_each(first, end, [](Fibre& f) { f.state = State::kReady; });
        }
        if (!std::equal(guard.begin(), guard.end(), shared_.end() - kGuardBytes)) {
            error_ = "a block has written past the end of its shared memory";
        }
    }

    /// Runs until every lane has ended or waits at a block barrier.
    void run_warp(std::size_t warp) {
        std::vector<std::size_t> lanes(std::min<std::size_t>(kWarpThreads, threads_ - warp * kWarpThreads));
        std::iota(lanes.begin(), lanes.end(), warp * kWarpThreads);
        shuffle(lanes, random_);
        bool ran = true;
        while (ran && error_.empty()) {
            ran = false;
            for (const std::size_t lane : lanes) {
                if (fibres_[lane].state == State::kReady) {
                    ran = true;
                    resume(fibres_[lane]);
                    if (!error_.empty()) {
                        return;
                    }
                }
            }
        }
        if (warps_[warp].arrived > 0) {
            error_ = std::to_string(warps_[warp].arrived) + " lanes of a warp wait at " +
                     warps_[warp].instruction + " for others that do not come";
        }
    }

    void resume(Fibre& fibre) {
        current_ = &fibre;
        if (_setjmp(scheduler_) != 0) {
            return;
        }
        if (fibre.started) {
            _longjmp(fibre.resume, 1);
        }
        fibre.started = true;
        if (!fibre.stack) {
            fibre.stack = std::make_unique<std::uint8_t[]>(kStackBytes);
        }
        getcontext(&fibre.first);
        fibre.first.uc_stack.ss_sp = fibre.stack.get();
        fibre.first.uc_stack.ss_size = kStackBytes;
        fibre.first.uc_link = nullptr;
        makecontext(&fibre.first, &Machine::begin, 0);
        setcontext(&fibre.first);
    }

    static void begin();

    /// Switches to the scheduler until this fibre is ready again.
    void leave(State state) {
        current_->state = state;
        if (_setjmp(current_->resume) == 0) {
            _longjmp(scheduler_, 1);
        }
    }

    void (*thread_)(const void*) = nullptr;
    const void* argument_ = nullptr;
    unsigned threads_ = 0;
    std::vector<Fibre> fibres_;
    std::vector<Warp> warps_;
    std::vector<std::uint8_t> shared_;
    Fibre* current_ = nullptr;
    jmp_buf scheduler_{};
    std::string error_;
    std::uint64_t random_ = 0;
    const std::uint8_t* arena_ = nullptr;
    std::size_t arena_size_ = 0;
    std::uint64_t interval_ = 0;
    std::vector<Access> writes_;
    std::vector<Access> reads_;
};

Machine& machine() {
    static Machine only;
    return only;
}

void Machine::begin() {
    Machine& own = machine();
    own.thread_(own.argument_);
    own.current_->state = State::kDone;
    _longjmp(own.scheduler_, 1);
}

}  // namespace

Settings& settings() {
    static Settings only;
    return only;
}

const Position& position() { return machine().position(); }

std::string run_grid(unsigned blocks, unsigned threads, std::size_t shared_bytes, void (*thread)(const void*),
                     const void* argument) {
    static std::mutex one_at_a_time;
    const std::lock_guard<std::mutex> turn(one_at_a_time);
    return machine().run(blocks, threads, shared_bytes, thread, argument);
}

std::uint8_t* shared_memory() { return machine().shared(); }

void meet(const char* instruction, void* operand, void (*perform)(void* const (&operands)[kWarpThreads])) {
    machine().meet(instruction, operand, perform);
}

void barrier() { machine().barrier(); }
void enter_arena(const std::uint8_t* bytes, std::size_t size) { machine().enter_arena(bytes, size); }
void note_read(const void* from, std::size_t size) { machine().note(from, size, false); }
void note_write(const void* to, std::size_t size) { machine().note(to, size, true); }
void fail(const std::string& text) { machine().fail(text); }

}  // namespace simt
