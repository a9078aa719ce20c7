#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

// An emulated GPU with one multiprocessor, for tests. The threads of a block are fibres of one real thread.
// Between two block barriers, the warps run one after another in a seeded order, and so do the lanes of a
// warp between two collective instructions. A dependence on an unsynchronised order is detected by the bytes,
// because memory is initialised with noise, and by name, because every access to a block's arena is recorded.

namespace simt {

constexpr int kWarpThreads = 32;

struct Settings {
    std::uint64_t seed = 1;
    std::size_t shared_bytes = 227 << 10;  ///< that a block can have
    std::size_t memory_bytes = std::size_t{1} << 32;
    int multiprocessors = 2;
    int devices = 1;
    int major = 9;          ///< of the compute capability
    int skip_barrier = -1;  ///< all blocks skip the barrier of this number: an injected fault
};

Settings& settings();

struct Index {
    unsigned x = 0;
    unsigned y = 0;
    unsigned z = 0;
};

/// The position of the running thread.
struct Position {
    Index thread;
    Index block;
    Index grid;
    Index block_size;
};
const Position& position();

/// Runs `thread` for every thread of every block. Returns an empty text, or the error: divergent threads, a
/// race, or an access outside of the arena.
std::string run_grid(unsigned blocks, unsigned threads, std::size_t shared_bytes, void (*thread)(const void*),
                     const void* argument);

/// The block's shared memory.
std::uint8_t* shared_memory();

/// Synchronises the lanes of the warp: each passes an operand, and the last one performs the instruction for
/// all.
void meet(const char* instruction, void* operand, void (*perform)(void* const (&operands)[kWarpThreads]));

/// Synchronises the threads of the block.
void barrier();

/// Sets the memory that is checked for races between warps; by default the shared memory.
void enter_arena(const std::uint8_t* bytes, std::size_t size);
void note_read(const void* from, std::size_t size);
void note_write(const void* to, std::size_t size);

/// Ends the launch with an error.
[[noreturn]] void fail(const std::string& text);

}  // namespace simt
