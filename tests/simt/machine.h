#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

// A GPU of one multiprocessor at a time, for tests: the threads of a block are fibres of one real thread.
// Between two barriers of the block the warps run one after another, in an order drawn from a seed, and so do
// the lanes of a warp between two instructions that they execute together. Whatever depends on an order that
// no barrier fixes is thus found: by the bytes, as memory begins as noise, and by name, as every access to a
// block's arena is noted.

namespace simt {

constexpr int kWarpThreads = 32;

struct Settings {
    std::uint64_t seed = 1;
    std::size_t shared_bytes = 227 << 10;  ///< that a block can have
    std::size_t memory_bytes = std::size_t{1} << 32;
    int multiprocessors = 2;
    int devices = 1;
    int major = 9;  ///< of the compute capability
    int skip_barrier =
        -1;  ///< every block passes its barrier of this number without waiting: a planted mistake
};

Settings& settings();

struct Index {
    unsigned x = 0;
    unsigned y = 0;
    unsigned z = 0;
};

/// Where the running thread is.
struct Position {
    Index thread;
    Index block;
    Index grid;
    Index block_size;
};
const Position& position();

/// Runs `thread` for every thread of every block. Returns an empty text, or what went wrong: threads that do
/// not meet, a race, an access outside the arena.
std::string run_grid(unsigned blocks, unsigned threads, std::size_t shared_bytes, void (*thread)(const void*),
                     const void* argument);

/// The block's shared memory.
std::uint8_t* shared_memory();

/// All lanes of the warp meet: each brings an operand, and the last one performs the instruction for all.
void meet(const char* instruction, void* operand, void (*perform)(void* const (&operands)[kWarpThreads]));

/// All threads of the block meet.
void barrier();

/// The memory in which the warps of the block may not meet without a barrier; by default its shared memory.
void enter_arena(const std::uint8_t* bytes, std::size_t size);
void note_read(const void* from, std::size_t size);
void note_write(const void* to, std::size_t size);

/// Ends the launch with an error.
[[noreturn]] void fail(const std::string& text);

}  // namespace simt
