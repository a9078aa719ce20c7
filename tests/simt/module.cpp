#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <optional>

#include "bindings/bindings.h"
#include "cuda_runtime_api.h"
#include "machine.h"
#include "samples.h"

namespace py = pybind11;

namespace {

/// Applies the given settings and resets all others.
void configure(const py::kwargs& given) {
    simt::Settings settings;
    for (const auto& [key, value] : given) {
        const std::string name = py::str(key);
        if (name == "seed") {
            settings.seed = value.cast<std::uint64_t>();
        } else if (name == "shared_bytes") {
            settings.shared_bytes = value.cast<std::size_t>();
        } else if (name == "memory_bytes") {
            settings.memory_bytes = value.cast<std::size_t>();
        } else if (name == "multiprocessors") {
            settings.multiprocessors = value.cast<int>();
        } else if (name == "devices") {
            settings.devices = value.cast<int>();
        } else if (name == "major") {
            settings.major = value.cast<int>();
        } else if (name == "skip_barrier") {
            settings.skip_barrier = value.cast<int>();
        } else {
            throw std::invalid_argument("configure(): there is no setting " + name);
        }
    }
    simt::settings() = settings;
}

py::array_t<std::int32_t> multiply(const py::array_t<std::uint8_t, py::array::c_style>& a,
                                   const py::array_t<std::int8_t, py::array::c_style>& b) {
    if (a.size() != 16 * 32 || b.size() != 8 * 32) {
        throw std::invalid_argument("multiply(): a must be (16, 32) and b (8, 32)");
    }
    py::array_t<std::int32_t> sums({16, 8});
    samples::multiply(a.data(), b.data(), sums.mutable_data());
    return sums;
}

}  // namespace

PYBIND11_MODULE(_simt, m) {
    m.doc() = "_core, with a stand-in for a GPU where that has CUDA. For tests.";
    tilewright::bind_all(m);
    m.def("configure", &configure);
    m.def("allocated_bytes", &simt::allocated_bytes);
    m.def("multiply", &multiply, py::arg("a"), py::arg("b"));
    m.def("run_sample", &samples::run, py::arg("name"));
}
