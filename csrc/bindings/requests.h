#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/gil.h"
#include "bindings/sampling.h"
#include "core/executor.h"

// Converts requests from Python arrays, and results to Python arrays, for executors on CPU and GPU.

namespace tilewright {

using OptionalArray = std::optional<pybind11::array>;

/// The kind of all tiles, the kind of each, or neither.
using Kinds = std::variant<std::monostate, std::int32_t, pybind11::array>;

/// Returns the bytes of an array (shape) or (count, shape) of T. `argument` is for example
/// "Executor.run(): words".
template <typename T>
TileBytes to_tile_bytes(const pybind11::array& array, std::vector<pybind11::ssize_t> shape, std::size_t count,
                        const std::string& argument) {
    std::size_t bytes = 1;
    for (const pybind11::ssize_t length : shape) {
        bytes *= static_cast<std::size_t>(length);
    }
    const bool each = static_cast<std::size_t>(array.ndim()) != shape.size();
    if (each) {
        shape.insert(shape.begin(), static_cast<pybind11::ssize_t>(count));
    }
    check_array<T>(array, shape, argument);
    return {static_cast<const std::uint8_t*>(array.data()), each ? bytes : 0};
}

/// Returns the bytes of an array that replaces an input of the plan.
inline TileBytes to_input(const Plan& plan, Source source, const OptionalArray& array, std::size_t count,
                          const std::string& argument) {
    if (!array) {
        return {};
    }
    const Input* const input = plan.find_input(source);
    if (!input) {
        throw std::invalid_argument(argument + ": the plan has no input for them");
    }
    const std::vector<std::int64_t>& shape = plan.values[input->value].shape;
    return to_tile_bytes<std::uint8_t>(*array, {shape.begin(), shape.end()}, count, argument);
}

/// Arrays that the caller may give for each tile, or for all.
struct Conditions {
    OptionalArray kind_maps;
    OptionalArray words;
    OptionalArray tile_numbers;
    OptionalArray cells;
    OptionalArray allowed;
    std::optional<SamplingOptions> sampling;
    std::optional<LatentTable> latent_table;

    /// Converts keyword arguments, named like the members. function: "Executor.run()".
    Conditions(const pybind11::kwargs& given, const std::string& function) {
        for (const auto& [key, value] : given) {
            const std::string name = pybind11::cast<std::string>(key);
            if (name == "sampling") {
                sampling = to_options(pybind11::cast<SamplingArguments>(value), function);
                continue;
            }
            if (name == "latent_table") {
                latent_table =
                    copy_latent_table(pybind11::cast<pybind11::array>(value), function + ": latent_table");
                continue;
            }
            OptionalArray* const member = find(name);
            if (!member) {
                throw pybind11::type_error("unknown argument '" + name + "'");
            }
            *member = pybind11::cast<OptionalArray>(value);
        }
    }

    Conditions(OptionalArray kind_map, OptionalArray words_of_tile, OptionalArray given_cells)
        : kind_maps(std::move(kind_map)), words(std::move(words_of_tile)), cells(std::move(given_cells)) {}

  private:
    OptionalArray* find(const std::string& name) {
        return name == "kind_maps"      ? &kind_maps
               : name == "words"        ? &words
               : name == "tile_numbers" ? &tile_numbers
               : name == "cells"        ? &cells
               : name == "allowed"      ? &allowed
                                        : nullptr;
    }
};

/// Throws std::invalid_argument for a plan without a sampler. `argument` is for example
/// "Executor.run(): cells".
inline const Sampler& sampler_of(const Plan& plan, const std::string& argument) {
    if (!plan.sampler) {
        throw std::invalid_argument(argument + ": the plan has no sampler");
    }
    return *plan.sampler;
}

/// Checked arrays and options, which must outlive the request. name: of the class, for the texts of errors.
inline TileRequest to_request(const Plan& plan, std::uint64_t seed, std::uint64_t start, const Kinds& kinds,
                              const OptionalArray& latents, const Conditions& conditions, std::size_t count,
                              const std::string& name) {
    TileRequest request;
    request.seed = seed;
    request.start = start;
    request.count = count;
    const pybind11::ssize_t rows = static_cast<pybind11::ssize_t>(count);
    if (const std::int32_t* kind = std::get_if<std::int32_t>(&kinds)) {
        request.kind = *kind;
    } else if (const pybind11::array* each = std::get_if<pybind11::array>(&kinds)) {
        check_array<std::int32_t>(*each, {rows}, name + ".run(): kinds");
        request.kinds = static_cast<const std::int32_t*>(each->data());
    }
    if (latents) {
        const pybind11::ssize_t size = static_cast<pybind11::ssize_t>(plan.latent_size());
        check_array<std::int8_t>(*latents, {rows, size}, name + ".run(): latents");
        request.latents = static_cast<const std::int8_t*>(latents->data());
    }
    const auto argument = [&](const char* field) { return name + ".run(): " + field; };
    request.kind_maps = to_input(plan, Source::kKindMap, conditions.kind_maps, count, argument("kind_maps"));
    request.words = to_input(plan, Source::kWords, conditions.words, count, argument("words"));
    if (conditions.tile_numbers) {
        check_array<std::uint64_t>(*conditions.tile_numbers, {rows}, argument("tile_numbers"));
        request.tile_numbers = static_cast<const std::uint64_t*>(conditions.tile_numbers->data());
    }
    if (conditions.cells) {
        if (!plan.find_input(Source::kCells)) {
            sampler_of(plan, argument("cells"));
        }
        request.cells = to_input(plan, Source::kCells, conditions.cells, count, argument("cells"));
    }
    if (conditions.allowed) {
        const Sampler& sampler = sampler_of(plan, argument("allowed"));
        request.allowed =
            to_tile_bytes<bool>(*conditions.allowed, {sampler.colours}, count, argument("allowed"));
    }
    if (conditions.sampling) {
        sampler_of(plan, argument("sampling"));
        request.sampling = &*conditions.sampling;
    }
    if (conditions.latent_table) {
        if (plan.latent_size() == 0) {
            throw std::invalid_argument(argument("latent_table") + ": the plan has no latents");
        }
        request.latent_table = &*conditions.latent_table;
    }
    return request;
}

/// Returns the results of a request on the host by name. Releases the GIL during the execution.
template <typename AnyExecutor>
pybind11::dict run_to_host(const AnyExecutor& executor, TileRequest request) {
    pybind11::dict results;
    std::vector<std::uint8_t*> outputs;
    for (const Output& output : executor.plan().outputs) {
        const Value& value = executor.plan().values[output.value];
        std::vector<pybind11::ssize_t> shape = {static_cast<pybind11::ssize_t>(request.count)};
        shape.insert(shape.end(), value.shape.begin(), value.shape.end());
        pybind11::array result(
            value.is_int32() ? pybind11::dtype::of<std::int32_t>() : pybind11::dtype::of<std::uint8_t>(),
            std::move(shape));
        outputs.push_back(static_cast<std::uint8_t*>(result.mutable_data()));
        results[pybind11::str(output.name)] = std::move(result);
    }
    without_gil([&](Interrupt& interrupt) {
        request.interrupt = &interrupt;
        executor.run(request, outputs);
    });
    return results;
}

/// Returns what every step of one tile wrote. conditions: of this tile.
template <typename AnyExecutor>
std::vector<pybind11::array_t<std::uint8_t>> trace_tile(const AnyExecutor& executor, std::uint64_t seed,
                                                        std::uint64_t index, std::optional<std::int32_t> kind,
                                                        const OptionalArray& latents,
                                                        const Conditions& conditions,
                                                        const std::string& name) {
    TileRequest request;
    request.seed = seed;
    request.start = index;
    request.count = 1;
    request.kind = kind;
    if (latents) {
        const pybind11::ssize_t size = static_cast<pybind11::ssize_t>(executor.plan().latent_size());
        check_array<std::int8_t>(*latents, {size}, name + ".trace(): latents");
        request.latents = static_cast<const std::int8_t*>(latents->data());
    }
    const Plan& plan = executor.plan();
    request.kind_maps =
        to_input(plan, Source::kKindMap, conditions.kind_maps, 1, name + ".trace(): kind_map");
    request.words = to_input(plan, Source::kWords, conditions.words, 1, name + ".trace(): words");
    request.cells = to_input(plan, Source::kCells, conditions.cells, 1, name + ".trace(): cells");
    std::vector<std::vector<std::uint8_t>> written;
    without_gil([&](Interrupt& interrupt) {
        request.interrupt = &interrupt;
        written = executor.trace(request);
    });
    std::vector<pybind11::array_t<std::uint8_t>> steps;
    for (const std::vector<std::uint8_t>& bytes : written) {
        steps.emplace_back(static_cast<pybind11::ssize_t>(bytes.size()), bytes.data());
    }
    return steps;
}

}  // namespace tilewright
