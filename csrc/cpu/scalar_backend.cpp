#include "cpu/scalar_backend.h"

#include <variant>

#include "cpu/convolution.h"
#include "cpu/kernels.h"
#include "cpu/patches.h"

namespace tilewright {
namespace scalar {

std::size_t scratch_bytes(const ops::Op& op) {
    struct Bytes {
        std::size_t operator()(const ops::Dense& op) const {
            return static_cast<std::size_t>(op.inputs) * sizeof(std::int16_t);
        }
        std::size_t operator()(const ops::Conv2d& op) const {
            return patch_scratch_bytes(patch_length(op.convolution));
        }
        std::size_t operator()(const ops::Scores& op) const {
            return patch_scratch_bytes(patch_length(op.convolution));
        }
        std::size_t operator()(const ops::ConvTranspose2d& op) const {
            return patch_scratch_bytes(4 * op.in_channels);
        }
        std::size_t operator()(const ops::Embed&) const { return 0; }
        std::size_t operator()(const ops::Concat&) const { return 0; }
        std::size_t operator()(const ops::Argmax&) const { return 0; }
        std::size_t operator()(const ops::Lookup&) const { return 0; }
        std::size_t operator()(const ops::Add&) const { return 0; }
        std::size_t operator()(const ops::Nearest&) const { return 0; }
    };
    return std::visit(Bytes{}, op);
}

}  // namespace scalar

const Backend& scalar_backend() {
    static constexpr Backend kBackend = {
        "scalar",       scalar::scratch_bytes,    scalar::embed,  scalar::concat, scalar::dense,
        scalar::conv2d, scalar::conv_transpose2d, scalar::scores, scalar::argmax, scalar::lookup,
        scalar::add,    scalar::nearest,
    };
    return kBackend;
}

}  // namespace tilewright
