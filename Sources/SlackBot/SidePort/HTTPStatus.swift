import Hummingbird

// `Bridge` has HTTP types for outgoing requests; in this folder the names mean the server's side.
/// Status of a response of the side port.
typealias HTTPStatus = HTTPResponse.Status
/// Hummingbird's own error, such as an unknown route.
typealias ServerError = Hummingbird.HTTPError
