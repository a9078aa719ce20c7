#include "core/executor.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "backends.h"
#include "bindings/bindings.h"
#include "bindings/requests.h"

namespace py = pybind11;

namespace tilewright {
namespace {

py::dict run(const Executor& executor, std::uint64_t seed, std::uint64_t start, const Kinds& kinds,
             const OptionalArray& latents, std::size_t count, int threads, const py::kwargs& given) {
    const Conditions conditions(given, "Executor.run()");
    TileRequest request =
        to_request(executor.plan(), seed, start, kinds, latents, conditions, count, "Executor");
    request.threads = threads;
    return run_to_host(executor, request);
}

std::vector<py::array_t<std::uint8_t>> trace(const Executor& executor, std::uint64_t seed,
                                             std::uint64_t index, std::optional<std::int32_t> kind,
                                             const OptionalArray& latents, const OptionalArray& kind_map,
                                             const OptionalArray& words, const OptionalArray& cells) {
    return trace_tile(executor, seed, index, kind, latents, {kind_map, words, cells}, "Executor");
}

}  // namespace

void bind_executor(py::module_& m) {
    using py::arg;
    py::class_<Executor>(m, "Executor", py::module_local())
        .def(py::init([](Plan plan, const std::string& backend) {
                 std::unique_ptr<Executor> made;
                 without_gil([&](Interrupt&) {
                     made = std::make_unique<Executor>(std::move(plan), choose_backend(backend));
                 });
                 return made;
             }),
             arg("plan"), arg("backend") = "")
        .def_property_readonly("backend", [](const Executor& executor) { return executor.backend().name(); })
        .def_property_readonly("multiply_adds",
                               [](const Executor& executor) { return executor.program().multiply_adds(); })
        .def_property_readonly("workspace_bytes",
                               [](const Executor& executor) { return executor.program().workspace_bytes(); })
        .def_property_readonly("groups", [](const Executor& executor) { return executor.program().groups(); })
        .def("run", &run, arg("seed"), arg("start"), arg("kinds").none(true), arg("latents").none(true),
             arg("count"), arg("threads") = 1)
        .def(
            "time_stages",
            [](const Executor& executor, int rounds) {
                std::vector<std::tuple<std::string, double, std::uint64_t>> rows;
                without_gil([&](Interrupt& interrupt) {
                    for (const StageTime& stage : executor.time_stages(rounds, &interrupt)) {
                        rows.emplace_back(stage.ops, stage.seconds, stage.multiply_adds);
                    }
                });
                return rows;
            },
            arg("rounds"))
        .def("trace", &trace, arg("seed"), arg("index"), arg("kind") = py::none(),
             arg("latents") = py::none(), arg("kind_map") = py::none(), arg("words") = py::none(),
             arg("cells") = py::none());
}

}  // namespace tilewright
