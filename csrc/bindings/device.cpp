#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/arrays.h"
#include "bindings/bindings.h"
#include "bindings/dlpack.h"
#include "bindings/gil.h"
#include "bindings/requests.h"
#include "core/cuda_devices.h"
#include "core/device_executor.h"

namespace py = pybind11;

namespace tilewright {
namespace {

constexpr const char* kDevice = "DeviceExecutor";

/// A tensor that shares ownership of device memory until it is released.
struct Lent {
    dlpack::ManagedTensor managed;
    DeviceArray array;
};

py::tuple to_tuple(const std::vector<std::int64_t>& shape) {
    py::tuple made(shape.size());
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        made[axis] = shape[axis];
    }
    return made;
}

/// stream: None means the legacy default stream, -1 no synchronisation, other values a cudaStream_t, with 1
/// and 2 for the two default streams (`__dlpack__` of the array API).
py::capsule lend(const DeviceArray& array, std::optional<std::int64_t> stream) {
    if (stream != -1) {
        without_gil(
            [&](Interrupt&) { array.memory->make_wait(static_cast<std::uintptr_t>(stream.value_or(1))); });
    }
    auto lent = std::make_unique<Lent>(Lent{{}, array});
    dlpack::Tensor& tensor = lent->managed.tensor;
    tensor.data = array.memory->bytes();
    tensor.byte_offset = array.offset;
    tensor.device = {dlpack::kCuda, array.memory->device()};
    tensor.axes = static_cast<std::int32_t>(array.shape.size());
    tensor.type = {dlpack::kUnsigned, 8, 1};
    tensor.shape = lent->array.shape.data();
    lent->managed.context = lent.get();
    lent->managed.release = [](dlpack::ManagedTensor* managed) {
        delete static_cast<Lent*>(managed->context);
    };
    return py::capsule(&lent.release()->managed, dlpack::kCapsule, [](PyObject* capsule) {
        if (PyCapsule_IsValid(capsule, dlpack::kCapsule)) {  // not consumed
            auto* managed =
                static_cast<dlpack::ManagedTensor*>(PyCapsule_GetPointer(capsule, dlpack::kCapsule));
            managed->release(managed);
        }
    });
}

/// `__dlpack__` of the array API raises a BufferError for requests that it does not support.
void check_export(const DeviceArray& array,
                  const std::optional<std::pair<std::int32_t, std::int32_t>>& device,
                  const std::optional<bool>& copy) {
    if (device && *device != std::make_pair(dlpack::kCuda, std::int32_t{array.memory->device()})) {
        throw py::buffer_error("DeviceArray.__dlpack__(): dl_device must be (2, " +
                               std::to_string(array.memory->device()) + "), not (" +
                               std::to_string(device->first) + ", " + std::to_string(device->second) +
                               "); to_host() copies to the CPU");
    }
    if (copy.value_or(false)) {
        throw py::buffer_error(
            "DeviceArray.__dlpack__(): copy=True is not served; take it without and copy it there");
    }
}

py::dict array_interface(const DeviceArray& array) {
    py::dict facts;
    facts["version"] = 3;
    facts["shape"] = to_tuple(array.shape);
    facts["typestr"] = "|u1";
    facts["data"] = py::make_tuple(reinterpret_cast<std::uintptr_t>(array.data()), false);
    facts["strides"] = py::none();
    facts["stream"] = array.memory->stream();
    return facts;
}

py::array_t<std::uint8_t> to_host(const DeviceArray& array) {
    py::array_t<std::uint8_t> made(array.shape);
    std::uint8_t* to = made.mutable_data();
    without_gil([&](Interrupt& interrupt) {
        array.memory->copy_to_host(array.offset, static_cast<std::size_t>(array.size()), to, &interrupt);
    });
    return made;
}

DeviceArray reshape(const DeviceArray& array, std::vector<std::int64_t> shape) {
    DeviceArray made{array.memory, array.offset, std::move(shape)};
    if (made.size() != array.size()) {
        throw std::invalid_argument("DeviceArray.reshape(): the shape must keep the size");
    }
    return made;
}

py::dict run_device(const DeviceExecutor& executor, std::uint64_t seed, std::uint64_t start,
                    const Kinds& kinds, const OptionalArray& latents, std::size_t count,
                    const py::kwargs& given) {
    const Conditions conditions(given, "DeviceExecutor.run()");
    return run_to_host(executor,
                       to_request(executor.plan(), seed, start, kinds, latents, conditions, count, kDevice));
}

py::dict run_on_device(const DeviceExecutor& executor, std::uint64_t seed, std::uint64_t start,
                       const Kinds& kinds, const OptionalArray& latents, std::size_t count,
                       const py::kwargs& given) {
    const Conditions conditions(given, "DeviceExecutor.run()");
    TileRequest request =
        to_request(executor.plan(), seed, start, kinds, latents, conditions, count, kDevice);
    std::vector<DeviceArray> arrays;
    without_gil([&](Interrupt& interrupt) {
        request.interrupt = &interrupt;
        arrays = executor.run_on_device(request);
    });
    py::dict results;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        results[py::str(executor.plan().outputs[i].name)] = arrays[i];
    }
    return results;
}

std::vector<py::array_t<std::uint8_t>> trace_on_device(const DeviceExecutor& executor, std::uint64_t seed,
                                                       std::uint64_t index, std::optional<std::int32_t> kind,
                                                       const OptionalArray& latents,
                                                       const OptionalArray& kind_map,
                                                       const OptionalArray& words,
                                                       const OptionalArray& cells) {
    return trace_tile(executor, seed, index, kind, latents, {kind_map, words, cells}, kDevice);
}

std::vector<double> time_on_device(const DeviceExecutor& executor, std::size_t tiles, int rounds) {
    std::vector<double> seconds;
    without_gil([&](Interrupt& interrupt) { seconds = executor.time(tiles, rounds, &interrupt); });
    return seconds;
}

DeviceArray upload_array(const DeviceExecutor& executor, const py::array& array) {
    check_array<std::uint8_t>(array, std::vector<py::ssize_t>(static_cast<std::size_t>(array.ndim()), -1),
                              "DeviceExecutor.upload(): array");
    const std::uint8_t* from = static_cast<const std::uint8_t*>(array.data());
    const std::vector<std::int64_t> shape{array.shape(), array.shape() + array.ndim()};
    DeviceArray made{};
    without_gil([&](Interrupt&) { made = executor.upload(from, shape); });
    return made;
}

DeviceArray remap_array(const DeviceExecutor& executor, const DeviceArray& colours,
                        const py::array& palette) {
    const std::vector<std::uint8_t> entries =
        copy_shaped<std::uint8_t>(palette, {-1, 4}, "DeviceExecutor.remap(): palette");
    if (colours.shape.back() != 4) {
        throw std::invalid_argument("DeviceExecutor.remap(): colours must have four channels");
    }
    DeviceArray made{};
    without_gil([&](Interrupt&) { made = executor.remap(colours, entries); });
    return made;
}

DeviceArray binarize_alpha_array(const DeviceExecutor& executor, const DeviceArray& colours) {
    if (colours.shape.back() != 3 && colours.shape.back() != 4) {
        throw std::invalid_argument(
            "DeviceExecutor.binarize_alpha(): colours must have three or four channels");
    }
    DeviceArray made{};
    without_gil([&](Interrupt&) { made = executor.binarize_alpha(colours); });
    return made;
}

DeviceArray apply_palette_on_device(const DeviceExecutor& executor, const DeviceArray& indices,
                                    const DeviceArray& palettes) {
    const std::vector<std::int64_t>& shape = palettes.shape;
    if (indices.shape.size() != 3 || shape.size() != 3 || shape[2] != 4 || shape[1] > 256 ||
        (shape[0] != 1 && shape[0] != indices.shape[0])) {
        throw std::invalid_argument(
            "DeviceExecutor.apply_palette(): palettes must be one for all tiles or one each");
    }
    DeviceArray made{};
    without_gil([&](Interrupt&) { made = executor.apply_palette(indices, palettes); });
    return made;
}

// Starting the CUDA runtime takes a while, so release the GIL.
CudaDiscovery discover_without_gil() {
    CudaDiscovery found;
    without_gil([&](Interrupt&) { found = discover_cuda(); });
    return found;
}

}  // namespace

void bind_device(py::module_& m) {
    using py::arg;
    py::class_<CudaDevice>(m, "CudaDevice", py::module_local())
        .def_readonly("index", &CudaDevice::index)
        .def_readonly("name", &CudaDevice::name)
        .def_property_readonly(
            "compute_capability",
            [](const CudaDevice& device) { return std::make_pair(device.major, device.minor); })
        .def_readonly("memory_bytes", &CudaDevice::memory_bytes);
    m.def("cuda_devices", [] { return discover_without_gil().devices; });
    m.def("cuda_unavailable_reason", [] { return discover_without_gil().unavailable_reason; });

    py::class_<DeviceArray>(m, "DeviceArray", py::module_local())
        .def_property_readonly("shape", [](const DeviceArray& array) { return to_tuple(array.shape); })
        .def_property_readonly("device", [](const DeviceArray& array) { return array.memory->device(); })
        .def_property_readonly("__cuda_array_interface__", &array_interface)
        .def(
            "__dlpack__",
            [](const DeviceArray& array, std::optional<std::int64_t> stream,
               const py::object& /*max_version*/,
               const std::optional<std::pair<std::int32_t, std::int32_t>>& dl_device,
               const std::optional<bool>& copy) {
                check_export(array, dl_device, copy);
                return lend(array, stream);
            },
            py::kw_only(), arg("stream") = py::none(), arg("max_version") = py::none(),
            arg("dl_device") = py::none(), arg("copy") = py::none())
        .def("__dlpack_device__",
             [](const DeviceArray& array) { return std::make_pair(dlpack::kCuda, array.memory->device()); })
        .def("reshape", &reshape, arg("shape"))
        .def("to_host", &to_host);

    py::class_<DeviceExecutor>(m, "DeviceExecutor", py::module_local())
        .def(py::init([](Plan plan, int device) {
                 std::unique_ptr<DeviceExecutor> made;
                 without_gil([&](Interrupt&) { made = make_cuda_executor(std::move(plan), device); });
                 return made;
             }),
             arg("plan"), arg("device") = 0)
        .def_property_readonly("block_tiles", &DeviceExecutor::block_tiles)
        .def_property_readonly("evaluations", &DeviceExecutor::evaluations)
        .def_property_readonly("in_shared_memory", &DeviceExecutor::in_shared_memory)
        .def("run", &run_device, arg("seed"), arg("start"), arg("kinds").none(true),
             arg("latents").none(true), arg("count"))
        .def("run_on_device", &run_on_device, arg("seed"), arg("start"), arg("kinds").none(true),
             arg("latents").none(true), arg("count"))
        .def("trace", &trace_on_device, arg("seed"), arg("index"), arg("kind") = py::none(),
             arg("latents") = py::none(), arg("kind_map") = py::none(), arg("words") = py::none(),
             arg("cells") = py::none())
        .def("time", &time_on_device, arg("tiles"), arg("rounds"))
        .def("upload", &upload_array, arg("array"))
        .def("binarize_alpha", &binarize_alpha_array, arg("colours"))
        .def("remap", &remap_array, arg("colours"), arg("palette"))
        .def("apply_palette", &apply_palette_on_device, arg("indices"), arg("palettes"));
}

}  // namespace tilewright
