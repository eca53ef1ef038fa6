import Foundation
import TestKit
import Testing

@testable import Bridge

/// Random schemas, good and bad. `make random` tries 100,000.
@Suite("Random schemas of tools", .timeLimit(.minutes(10)))
struct RandomSchemaTests {
    private static let count = ProcessInfo.processInfo.environment["OMNI_SCHEMAS"].flatMap { Int($0) } ?? 4_000

    @Test("any JSON becomes a schema that the API accepts, and each name comes back as the tool's own")
    func all() {
        let seed = SplitMix64.seed()
        var random = RandomSchema(seed: seed)
        for number in 0..<Self.count {
            let raw = random.tool()
            let schema = ToolSchema(raw)
            let problem = SchemaRules.violation(of: schema.schema) ?? Self.problem(of: schema, from: raw)
            guard let problem else { continue }
            Issue.record("seed \(seed), schema \(number): \(problem)\n\(raw.text())\n\(schema.schema.text())")
            return
        }
    }

    private static func problem(of schema: ToolSchema, from raw: JSONValue) -> String? {
        guard Set(schema.renamed.values).count == schema.renamed.count else { return "two names for one" }
        for (told, own) in schema.renamed where SchemaRules.isName(own) || !SchemaRules.isName(told) {
            return "\(own) is called \(told)"
        }
        if ToolSchema(raw) != schema { return "another schema the second time" }
        let (told, own) = instance(of: schema.schema, schema.renamed)
        guard schema.toolArguments(told) == own else {
            return "the arguments \(told.text()) become \(schema.toolArguments(told).text())"
        }
        // What a model may give without knowing the schema does no harm.
        _ = schema.toolArguments(raw)
        return nil
    }

    /// Arguments with all properties at all depths, and the same under the tool's own names.
    private static func instance(of schema: JSONValue, _ renamed: [String: String]) -> (JSONValue, JSONValue) {
        if let properties = schema["properties"]?.object, !properties.isEmpty {
            var (told, own) = (JSONObject(), JSONObject())
            for (name, property) in properties {
                let (inner, ownInner) = instance(of: property, renamed)
                told[name] = inner
                own[renamed[name] ?? name] = ownInner
            }
            return (.object(told), .object(own))
        }
        if let items = schema["items"], items.object?.isEmpty == false, schema["prefixItems"] == nil {
            let (inner, own) = instance(of: items, renamed)
            return ([inner, inner], [own, own])
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            if let arm = schema[key]?[0] { return instance(of: arm, renamed) }
        }
        return (1, 1)
    }
}

/// Schemas with keywords of all drafts, each with a value that fits or any other.
struct RandomSchema {
    private var random: SplitMix64
    /// Parts that the present schema may still get.
    private var left = 0

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    private static let names = [
        "id", "name", "a_b", "filter[name]", "$top", "StartTime<", "", "größe", "a b", "a(b)", "x.y-z", "名前", "_",
        "$ref", "properties", "type", String(repeating: "n", count: 64), String(repeating: "n", count: 65), "0",
        "a_b_2",
    ]
    private static let references = [
        "#", "", "#/$defs/A", "#/definitions/B", "#/$defs/C", "#a", "https://acme.example/s.json", "s.json", "%", "#/",
        "#/properties/id", "#/properties/id/items", "A",
    ]
    private static let types: [JSONValue] = [
        "object", "object", "string", "integer", "number", "boolean", "array", "null", "str", "any", "Dict",
        ["string", "null"], ["object", "array"], [], .null, 3, ["foo"],
    ]
    private static let schemaKeywords = [
        "additionalProperties", "additionalItems", "items", "contains", "not", "if", "then", "else", "propertyNames",
        "unevaluatedProperties", "extends",
    ]
    private static let listKeywords = ["allOf", "anyOf", "oneOf", "prefixItems", "items"]
    private static let mapKeywords = [
        "properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions", "properties",
    ]
    private static let numberKeywords = [
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "divisibleBy", "minLength",
        "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    ]
    private static let textKeywords = [
        "title", "description", "format", "pattern", "$schema", "$id", "id", "$anchor", "$comment", "x-order",
        "contentEncoding",
    ]
    private static let flagKeywords = [
        "nullable", "uniqueItems", "deprecated", "readOnly", "required", "exclusiveMinimum",
    ]

    mutating func tool() -> JSONValue {
        left = 40
        if chance(20) { return junk(2) }
        var schema = self.schema(0)
        if chance(2), schema.object != nil { schema["type"] = "object" }
        for key in ["$defs", "definitions"] where chance(3) && schema.object != nil {
            schema[key] = ["A": self.schema(1), "B": self.schema(1), "C": self.schema(1)]
        }
        return schema
    }

    private mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }

    private mutating func one<Element>(of elements: [Element], or other: Element) -> Element {
        elements.randomElement(using: &random) ?? other
    }

    private mutating func schema(_ depth: Int) -> JSONValue {
        left -= 1
        if depth > 9 || left < 0 || chance(25) { return junk(1) }
        var members = JSONObject()
        if !chance(3) { members["type"] = one(of: Self.types, or: .null) }
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let (key, value) = keyword(depth)
            members[key] = chance(12) ? junk(1) : value
        }
        if chance(9) { members["$ref"] = .string(one(of: Self.references, or: "#")) }
        return .object(members)
    }

    private mutating func keyword(_ depth: Int) -> (String, JSONValue) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2: return (one(of: Self.mapKeywords, or: "properties"), map(depth))
        case 3:
            let arms = (0..<Int.random(in: 0...3, using: &random)).map { _ in schema(depth + 1) }
            return (one(of: Self.listKeywords, or: "anyOf"), .array(arms))
        case 4: return (one(of: Self.schemaKeywords, or: "items"), schema(depth + 1))
        case 5: return (one(of: Self.numberKeywords, or: "minimum"), number())
        case 6:
            return (one(of: Self.textKeywords, or: "title"), .string(one(of: ["a", "(", "^[a-z]+$", "", "ü"], or: "")))
        case 7: return (one(of: Self.flagKeywords, or: "nullable"), .bool(chance(2)))
        case 8:
            let names = (0..<Int.random(in: 0...3, using: &random)).map { _ in JSONValue.string(name()) }
            return ("required", .array(names))
        default:
            return (one(of: ["enum", "const", "default", "examples"], or: "enum"), chance(2) ? [1, "a", 1] : junk(2))
        }
    }

    private mutating func name() -> String { one(of: Self.names, or: "id") }

    private mutating func map(_ depth: Int) -> JSONValue {
        var members = JSONObject()
        for _ in 0..<Int.random(in: 0...4, using: &random) { members[name()] = schema(depth + 1) }
        return .object(members)
    }

    private mutating func number() -> JSONValue {
        one(of: [0, 1, -1, 5, 2.5, 1e300, "3", "x", true, .null], or: 0)
    }

    private mutating func junk(_ depth: Int) -> JSONValue {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .null
        case 1: return .bool(chance(2))
        case 2: return number()
        case 3: return .string(name())
        case 4 where depth > 0: return [junk(depth - 1), junk(depth - 1)]
        case 5 where depth > 0: return .object([name(): junk(depth - 1)])
        default: return [:]
        }
    }
}
