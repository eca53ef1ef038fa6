import Bridge
import Hummingbird

/// The body of a request: one JSON object of at most 1 MiB, whose fields have the types that the route wants.
struct JSONBody: Sendable {
    static let largest = 1 << 20

    private let value: JSONValue

    /// Throws ``HTTPFailure`` 400 for what is no object, and 413 for what is too long.
    init(_ request: Request) async throws {
        let buffer = try await request.body.collect(upTo: Self.largest)
        guard let value = try? JSONValue(parsing: Array(buffer.readableBytesView)), value.object != nil else {
            throw HTTPFailure(.badRequest, .badRequest, "The body must be a JSON object.")
        }
        self.value = value
    }

    /// nil when it is absent or null; an empty text is an error.
    func text(_ key: String) throws -> String? {
        try field(key, "a text that is not empty") { value in
            value.string.flatMap { $0.trimmingSpace.isEmpty ? nil : $0 }
        }
    }

    func requiredText(_ key: String) throws -> String {
        guard let text = try text(key) else {
            throw HTTPFailure(.badRequest, .badRequest, "\"\(key)\" is needed.")
        }
        return text
    }

    func bool(_ key: String) throws -> Bool? { try field(key, "true or false", \.bool) }

    func object(_ key: String) throws -> JSONValue? {
        try field(key, "an object") { $0.object == nil ? nil : $0 }
    }

    private func field<Value>(_ key: String, _ type: String, _ read: (JSONValue) -> Value?) throws -> Value? {
        guard let value = value[key], !value.isNull else { return nil }
        guard let read = read(value) else {
            throw HTTPFailure(.badRequest, .badRequest, "\"\(key)\" must be \(type).")
        }
        return read
    }
}
