#include "core/executor.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "backends.h"
#include "bindings/arrays.h"
#include "bindings/bindings.h"

namespace py = pybind11;

namespace tilewright {
namespace {

using OptionalArray = std::optional<py::array>;

py::dict run(const Executor& executor, std::uint64_t seed, std::uint64_t start, const OptionalArray& kinds,
             const OptionalArray& latents, std::size_t count, int threads) {
    TileRequest request;
    request.seed = seed;
    request.start = start;
    request.count = count;
    request.threads = threads;
    const py::ssize_t rows = static_cast<py::ssize_t>(count);
    if (kinds) {
        check_array<std::int32_t>(*kinds, {rows}, "Executor.run(): kinds");
        request.kinds = static_cast<const std::int32_t*>(kinds->data());
    }
    if (latents) {
        const py::ssize_t size = static_cast<py::ssize_t>(executor.plan().latent_size());
        check_array<std::int8_t>(*latents, {rows, size}, "Executor.run(): latents");
        request.latents = static_cast<const std::int8_t*>(latents->data());
    }
    py::dict results;
    std::vector<std::uint8_t*> outputs;
    for (const Output& output : executor.plan().outputs) {
        py::array_t<std::uint8_t> result({count, executor.plan().values[output.value].bytes()});
        outputs.push_back(result.mutable_data());
        results[py::str(output.name)] = std::move(result);
    }
    {
        const py::gil_scoped_release release;
        executor.run(request, outputs);
    }
    return results;
}

std::vector<py::array_t<std::uint8_t>> trace(const Executor& executor, std::uint64_t seed,
                                             std::uint64_t index, std::optional<std::int32_t> kind,
                                             const OptionalArray& latents) {
    TileRequest request;
    request.seed = seed;
    request.start = index;
    request.count = 1;
    request.kinds = kind ? &*kind : nullptr;
    if (latents) {
        const py::ssize_t size = static_cast<py::ssize_t>(executor.plan().latent_size());
        check_array<std::int8_t>(*latents, {size}, "Executor.trace(): latents");
        request.latents = static_cast<const std::int8_t*>(latents->data());
    }
    std::vector<py::array_t<std::uint8_t>> steps;
    for (const std::vector<std::uint8_t>& bytes : executor.trace(request)) {
        steps.emplace_back(static_cast<py::ssize_t>(bytes.size()), bytes.data());
    }
    return steps;
}

}  // namespace

void bind_executor(py::module_& m) {
    using py::arg;
    py::class_<Executor>(m, "Executor", py::module_local())
        .def(py::init([](const Plan& plan, const std::string& backend) {
                 return std::make_unique<Executor>(plan, choose_backend(backend));
             }),
             arg("plan"), arg("backend") = "")
        .def_property_readonly("backend", [](const Executor& executor) { return executor.backend().name(); })
        .def_property_readonly("multiply_adds",
                               [](const Executor& executor) { return executor.program().multiply_adds(); })
        .def_property_readonly("workspace_bytes",
                               [](const Executor& executor) { return executor.program().workspace_bytes(); })
        .def("run", &run, arg("seed"), arg("start"), arg("kinds").none(true), arg("latents").none(true),
             arg("count"), arg("threads") = 1)
        .def(
            "time_stages",
            [](const Executor& executor, int rounds) {
                std::vector<std::tuple<std::string, double, std::uint64_t>> rows;
                const py::gil_scoped_release release;
                for (const StageTime& stage : executor.time_stages(rounds)) {
                    rows.emplace_back(stage.ops, stage.seconds, stage.multiply_adds);
                }
                return rows;
            },
            arg("rounds"))
        .def("trace", &trace, arg("seed"), arg("index"), arg("kind") = py::none(),
             arg("latents") = py::none());
}

}  // namespace tilewright
