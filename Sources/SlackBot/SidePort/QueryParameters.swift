import Bridge
import Foundation
import Hummingbird

/// The query parameters of a request. One that the route does not know is an error (400): a misspelt filter would
/// return everything.
struct QueryParameters: Sendable {
    private let values: [String: String]

    /// No parameters.
    init() { values = [:] }

    init(_ request: Request, knowing known: [String]) throws {
        var values: [String: String] = [:]
        for (key, value) in request.uri.queryParameters {
            let key = String(key)
            guard known.contains(key) else {
                throw HTTPFailure(
                    .badRequest, .badRequest,
                    "There is no parameter \"\(key.prefix(40))\"; known are \(known.joined(separator: ", ")).")
            }
            values[key] = String(value)
        }
        self.values = values
    }

    /// Whether the parameter is there without a value, as from a script whose variable is not set.
    func isEmpty(_ name: String) -> Bool { values[name]?.isEmpty ?? false }

    /// nil when it is absent or empty.
    subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// nil when it is absent; throws ``HTTPFailure`` 400 for a text that is no number in `range`.
    func int(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let limits =
                range.upperBound == Int.max ? "from \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
            throw HTTPFailure(.badRequest, .badRequest, "\"\(name)\" must be a number, \(limits).")
        }
        return number
    }

    /// nil when it is absent; throws ``HTTPFailure`` 400 for a text that ``Since`` cannot read.
    func date(_ name: String) throws -> Date? {
        guard let text = self[name] else { return nil }
        guard let date = Since.date(text) else {
            throw HTTPFailure(.badRequest, .badRequest, "\"\(name)\" must be a time, as \(Since.examples).")
        }
        return date
    }

    /// The `Link` header of the next page: the same path and parameters with another cursor (RFC 8288).
    func next(_ path: String, _ cursor: (name: String, value: String)) -> HTTPFields {
        var headers = HTTPFields()
        var components = URLComponents()
        components.path = path
        var values = values
        values[cursor.name] = cursor.value
        components.queryItems = values.sorted { $0.key < $1.key }.map { URLQueryItem(name: $0.key, value: $0.value) }
        if let name = HTTPFields.Element.Name("Link"), let address = components.string {
            headers[name] = "<\(address)>; rel=\"next\""
        }
        return headers
    }
}
