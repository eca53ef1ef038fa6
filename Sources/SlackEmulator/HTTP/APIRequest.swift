import Bridge
import Hummingbird

/// A decoded Web API request: token and arguments.
struct APIRequest: Sendable {
    let method: String
    let isPost: Bool
    let token: String?
    let arguments: APIArguments
    let isJSON: Bool
    /// Whether a JSON body came without a charset, for which Slack adds the warning `missing_charset`.
    let lacksCharset: Bool

    /// - Throws: ``APIError`` with Slack's code for a body that cannot be decoded.
    init(_ request: Request, body: [UInt8], method: String) throws(APIError) {
        self.method = method
        isPost = request.method == .post
        var token: String?
        if let header = request.headers[.authorization] {
            token = header.hasPrefix("Bearer ") ? String(header.dropFirst(7)) : ""
        }
        var form = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        // Slack has refused tokens in the query since 2021, and accepts them in a form.
        form.removeAll { $0.0 == "token" }
        let type = request.headers[.contentType].map { $0.lowercased() } ?? ""
        let kind = type.prefix { $0 != ";" && $0 != " " }
        isJSON = isPost && kind == "application/json"
        lacksCharset = isJSON && !type.contains("charset")
        if isJSON {
            let json: JSONValue
            do { json = try JSONValue(parsing: body.isEmpty ? Array("{}".utf8) : body) } catch {
                throw APIError("invalid_json")
            }
            guard let members = json.object else { throw APIError("json_not_object") }
            arguments = APIArguments(json: members)
        } else {
            if isPost, !body.isEmpty {
                if kind.isEmpty { throw APIError("missing_post_type") }
                guard kind == "application/x-www-form-urlencoded" else { throw APIError("invalid_post_type") }
                let fields = FormText.decode(body)
                token = token ?? fields.first { $0.0 == "token" }?.1
                form += fields.filter { $0.0 != "token" }
            }
            arguments = APIArguments(form: form)
        }
        self.token = token
    }
}

/// Decodes application/x-www-form-urlencoded.
enum FormText {
    static func decode(_ body: [UInt8]) -> [(String, String)] {
        body.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (unescape(parts[0]), parts.count > 1 ? unescape(parts[1]) : "")
        }
    }

    private static func unescape(_ bytes: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                output.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                output.append(value)
                rest = rest.dropFirst(2)
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
