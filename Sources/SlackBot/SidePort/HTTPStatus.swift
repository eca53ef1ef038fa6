import Hummingbird

// Bridge has a response of its own, for outgoing requests; in this room's files the words mean the server's side.
typealias HTTPStatus = HTTPResponse.Status
typealias ServerError = Hummingbird.HTTPError
