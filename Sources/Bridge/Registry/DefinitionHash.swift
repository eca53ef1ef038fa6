import Crypto
import OrderedCollections

extension ToolDefinition {
    /// SHA-256, as 64 hexadecimal digits, of the parts of the definition that influence a model or the policy: bare
    /// name, title, description, schema and annotations, as JSON with sorted keys. Equal for equal definitions in
    /// every process.
    package var definitionHash: String {
        var hints: JSONObject = [:]
        hints["readOnlyHint"] = annotations.readOnly.map(JSONValue.bool)
        hints["destructiveHint"] = annotations.destructive.map(JSONValue.bool)
        hints["idempotentHint"] = annotations.idempotent.map(JSONValue.bool)
        hints["openWorldHint"] = annotations.openWorld.map(JSONValue.bool)
        var members: JSONObject = [
            "name": .string(name.tool), "description": .string(description), "inputSchema": inputSchema,
            "annotations": .object(hints),
        ]
        members["title"] = title.map(JSONValue.string)
        let digits = Array("0123456789abcdef".utf8)
        let digest = SHA256.hash(data: JSONValue.object(members).bytes(sortedKeys: true))
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
