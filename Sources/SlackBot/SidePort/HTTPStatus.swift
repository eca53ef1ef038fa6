import Hummingbird

// `Bridge` has HTTP types for outgoing requests; in this folder the name means the server's side.
/// Status of a response of the side port.
typealias HTTPStatus = HTTPResponse.Status
