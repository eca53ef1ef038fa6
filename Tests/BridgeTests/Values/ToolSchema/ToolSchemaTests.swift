import Testing

@testable import Bridge

/// The schema that a model is told, compared without the order of keys.
private func expectTold(
    _ raw: JSONValue, as wanted: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
) {
    let told = ToolSchema(raw)
    #expect(
        told.schema.text(sortedKeys: true) == wanted.text(sortedKeys: true), sourceLocation: sourceLocation)
    #expect(SchemaRules.violation(of: told.schema) == nil, sourceLocation: sourceLocation)
    #expect(told.problem == nil, sourceLocation: sourceLocation)
}

/// The same for the schema of the only property.
private func expectProperty(
    _ raw: JSONValue, as wanted: JSONValue, sourceLocation: SourceLocation = #_sourceLocation
) {
    expectTold(
        ["type": "object", "properties": ["p": raw]], as: ["type": "object", "properties": ["p": wanted]],
        sourceLocation: sourceLocation)
}

@Suite("Schemas of tools, as a model is told them")
struct ToolSchemaTests {
    @Test("a server writes null for properties and required, or leaves out its schema")
    func nulls() {
        let empty: JSONValue = ["type": "object", "properties": [:]]
        expectTold(["type": "object", "properties": .null, "required": .null], as: empty)
        expectTold(["type": .null], as: empty)
        expectTold([:], as: empty)
        expectTold(.null, as: empty)
        expectTold(true, as: empty)
        expectTold(
            ["type": "object", "properties": "none", "required": true, "additionalProperties": .null], as: empty)
    }

    @Test("a good schema stays as it is")
    func unchanged() {
        let good: JSONValue = [
            "type": "object", "title": "Search", "description": "What to look for",
            "properties": [
                "q": ["type": "string", "minLength": 1, "pattern": "^[a-z]+$", "description": "Words"],
                "n": ["type": ["integer", "null"], "minimum": 1, "maximum": 50, "default": 10],
                "sort": ["enum": ["asc", "desc"], "examples": ["asc"]],
                "where": [
                    "anyOf": [
                        ["type": "object", "properties": ["k": ["const": 1]], "required": ["k"]], ["type": "null"],
                    ]
                ],
                "list": ["type": "array", "items": ["type": "string"], "uniqueItems": true, "maxItems": 9],
            ], "required": ["q"], "additionalProperties": false,
        ]
        expectTold(good, as: good)
        #expect(ToolSchema(good).losses.isEmpty && ToolSchema(good).renamed.isEmpty)
    }

    @Test("a server has a schema that is no object, or that describes none: the tool has a problem")
    func problems() {
        let noObjects: [JSONValue] = [
            "string", 5, [], false, ["type": "string"], ["type": ["array", "null"]],
            ["anyOf": [["type": "string"], ["type": "integer"]]],
            ["$ref": "#/$defs/A", "$defs": ["A": ["type": "array"]]], ["$ref": "#/$defs/A", "$defs": ["A": false]],
        ]
        for raw in noObjects {
            let schema = ToolSchema(raw)
            #expect(schema.problem != nil, "\(raw.text())")
            #expect(SchemaRules.violation(of: schema.schema) == nil)
        }
    }

    @Test("a server has drafts 3 and 4: Boolean exclusiveMinimum, required in the property, divisibleBy")
    func oldDrafts() {
        expectProperty(["minimum": 5, "exclusiveMinimum": true], as: ["exclusiveMinimum": 5])
        expectProperty(["maximum": 5, "exclusiveMaximum": false], as: ["maximum": 5])
        expectProperty(["exclusiveMinimum": true], as: [:])
        expectProperty(["exclusiveMinimum": 2, "minimum": "1"], as: ["exclusiveMinimum": 2, "minimum": 1])
        expectProperty(["divisibleBy": 2, "multipleOf": 0], as: [:])
        expectProperty(["divisibleBy": 2], as: ["multipleOf": 2])
        expectTold(
            ["properties": ["a": ["type": "string", "required": true], "b": ["required": false]]],
            as: ["type": "object", "properties": ["a": ["type": "string"], "b": [:]], "required": ["a"]])
    }

    @Test("a server has draft 7: items as a list, dependencies, $ref beside other keywords")
    func draft7() {
        expectProperty(
            ["type": "array", "items": [["type": "string"], true], "additionalItems": false],
            as: ["type": "array", "prefixItems": [["type": "string"], [:]], "items": false])
        expectProperty(["items": [], "additionalItems": ["type": "string"]], as: ["items": ["type": "string"]])
        expectProperty(
            ["dependencies": ["a": ["b", "b"], "c": ["required": ["d"]]]],
            as: ["dependentRequired": ["a": ["b"]], "dependentSchemas": ["c": ["required": ["d"]]]])
        expectTold(
            [
                "properties": ["p": ["$ref": "#/definitions/P", "description": "Mine"]],
                "definitions": ["P": ["type": "string", "description": "Its own"]],
            ], as: ["type": "object", "properties": ["p": ["type": "string", "description": "Mine"]]])
    }

    @Test(
        "a server names a type that JSON Schema does not have",
        arguments: [
            ("str", "string"), ("STRING", "string"), ("int", "integer"), ("float", "number"), ("bool", "boolean"),
            ("dict", "object"), ("list", "array"), (["string", "str", "whatever"], "string"),
            (["int", "null", 3], ["integer", "null"]),
        ] as [(JSONValue, JSONValue)])
    func types(raw: JSONValue, wanted: JSONValue) {
        expectProperty(["type": raw, "description": "d"], as: ["type": wanted, "description": "d"])
    }

    @Test("a server has an unknown type, a property that is no schema, or keywords of the wrong kind")
    func nonsense() {
        for type: JSONValue in ["any", "whatever", 3, .null, [], [:], ["Foo"]] {
            expectProperty(["type": type], as: [:])
        }
        expectTold(
            [
                "properties": ["a": .null, "b": true, "c": false, "d": "string", "e": 5],
                "required": ["a", "c", "a", 7],
            ],
            as: [
                "type": "object", "properties": ["a": [:], "b": [:], "d": ["type": "string"], "e": [:]],
                "required": ["a"],
            ])
        expectProperty(
            [
                "minLength": -1, "maxLength": "x", "minItems": 1.5, "enum": "a", "pattern": 5, "format": [],
                "description": 5, "title": [:], "uniqueItems": "yes", "anyOf": [], "oneOf": .null, "not": true,
                "items": .null, "x-order": 3, "$comment": "c", "unevaluatedProperties": false, "default": .null,
            ], as: [:])
        expectProperty(["maxLength": "5", "maxItems": 3.0], as: ["maxLength": 5, "maxItems": 3])
        expectProperty(["enum": ["a", "a", 1]], as: ["enum": ["a", 1]])
        expectProperty(["enum": []], as: [:])
        expectProperty(["description": ["Two", "lines"]], as: ["description": "Two\nlines"])
    }

    @Test("a server has OpenAPI's nullable and example")
    func openAPI() {
        expectProperty(
            ["type": "string", "nullable": true, "example": "x"], as: ["type": ["string", "null"], "examples": ["x"]])
        expectProperty(["enum": ["a"], "nullable": true], as: ["enum": ["a", .null]])
    }

    @Test("a server has a pattern of another language: it is told in words")
    func patterns() {
        for pattern in ["(?P<x>a)", "(?i)abc", "a{2", "[a-", "a)", "(a", "*a", "a++", "\\Aa\\Z", "[[:alpha:]]", "x\\"] {
            expectProperty(
                ["pattern": .string(pattern)], as: ["description": .string("Must match the pattern \(pattern).")])
        }
        for pattern in ["^\\d{4}-\\d{2}$", "a|b?", "(?:a|b)*", "[^\\]]+", "(?!x)y", "\\$\\{.*?\\}", "ü{1,3}"] {
            expectProperty(["pattern": .string(pattern)], as: ["pattern": .string(pattern)])
        }
    }

    @Test("a server has patternProperties: their schemas are those of additional properties")
    func patternProperties() {
        expectProperty(
            ["patternProperties": ["^x-": ["type": "string"]], "additionalProperties": false],
            as: [
                "description": "Names that match ^x- may be added.", "additionalProperties": ["type": "string"],
            ])
    }

    @Test("a server nests 200 levels, has 10,000 properties, or a list of 30,000 values: the schema is bounded")
    func bounded() {
        var deep: JSONValue = ["type": "string"]
        for _ in 0..<200 { deep = ["type": "object", "properties": ["in": deep]] }
        let told = ToolSchema(deep)
        #expect(SchemaRules.violation(of: told.schema) == nil)
        #expect(told.losses == ["parts that are too many or nested too deeply"])
        let many = JSONObject(
            (0..<10_000).map { index -> (String, JSONValue) in ("property_\(index)", ["type": "string"]) },
            uniquingKeysWith: { first, _ in first })
        let wide = ToolSchema(["properties": .object(many), "required": ["property_1"]])
        #expect(SchemaRules.violation(of: wide.schema) == nil)
        #expect(wide.schema["properties"]?["property_1"] == ["type": "string"])
        #expect(wide.schema.bytes().count < 1_000_000 && !wide.losses.isEmpty)
        let values = JSONValue.array((0..<30_000).map { .int($0) })
        let listed = ToolSchema(["properties": ["p": ["enum": values]]])
        #expect(listed.schema["properties"]?["p"] == ["description": "One of 30000 values."])
    }
}

@Suite("References and forms in schemas of tools")
struct ToolSchemaFormTests {
    @Test("a server refers to definitions by path, anchor and id, with escapes")
    func references() {
        let definitions: JSONValue = [
            "A b/c": ["type": "string"], "D": ["$anchor": "d", "type": "integer"],
            "E": ["$id": "https://acme.example/e.json", "type": "boolean"],
        ]
        for (reference, type) in [
            ("#/$defs/A%20b~1c", "string"), ("#/definitions/A b~1c", "string"), ("#d", "integer"),
            ("https://acme.example/e.json", "boolean"), ("e.json", "boolean"), ("D", "integer"),
        ] {
            expectTold(
                ["properties": ["p": ["$ref": .string(reference)]], "$defs": definitions],
                as: ["type": "object", "properties": ["p": ["type": .string(type)]]])
        }
    }

    @Test("a server refers to what is not in the schema: nothing is fetched, the property stays")
    func dangling() {
        for reference in ["https://acme.example/x.json", "#/$defs/none", "#nowhere", "#/properties/p/0/x", "%%", ""] {
            let schema = ToolSchema(["properties": ["p": ["$ref": .string(reference), "title": "T"]]])
            #expect(SchemaRules.violation(of: schema.schema) == nil, "\(reference)")
            #expect(schema.schema["properties"]?["p"]?["title"] == "T", "\(reference)")
            #expect(!schema.losses.isEmpty, "\(reference)")
        }
    }

    @Test("a server has a recursive schema: one level is told, then words")
    func recursion() {
        let node: JSONValue = [
            "type": "object", "description": "A node",
            "properties": ["children": ["type": "array", "items": ["$ref": "#/$defs/N"]]],
        ]
        expectTold(
            ["properties": ["tree": ["$ref": "#/$defs/N"]], "$defs": ["N": node]],
            as: [
                "type": "object",
                "properties": [
                    "tree": [
                        "type": "object", "description": "A node",
                        "properties": [
                            "children": [
                                "type": "array",
                                "items": [
                                    "type": "object",
                                    "description": "A node The same structure again: #/$defs/N.",
                                ],
                            ]
                        ],
                    ]
                ],
            ])
        let loop = ToolSchema(["$ref": "#/$defs/A", "$defs": ["A": ["$ref": "#/$defs/B"], "B": ["$ref": "#/$defs/A"]]])
        #expect(SchemaRules.violation(of: loop.schema) == nil && !loop.losses.isEmpty)
    }

    @Test("a server has many definitions that all refer to each other: the first level is complete")
    func explosion() {
        let names = (0..<40).map { "d\($0)" }
        let all = JSONObject(
            names.map { name -> (String, JSONValue) in (name, ["$ref": .string("#/$defs/\(name)")]) },
            uniquingKeysWith: { first, _ in first })
        let definitions = JSONObject(
            names.map { name -> (String, JSONValue) in (name, ["type": "object", "properties": .object(all)]) },
            uniquingKeysWith: { first, _ in first })
        let told = ToolSchema(["properties": .object(all), "$defs": .object(definitions)])
        #expect(SchemaRules.violation(of: told.schema) == nil)
        let properties = told.schema["properties"]?.object ?? [:]
        #expect(properties.keys.elements == names)
        #expect(properties.values.allSatisfy { $0["type"] == "object" })
    }

    @Test("a server has a top-level oneOf: the arms are merged, and told in words")
    func oneOf() {
        expectTold(
            [
                "description": "By one of two.",
                "oneOf": [
                    ["properties": ["id": ["type": "integer"], "at": ["type": "string"]], "required": ["id", "at"]],
                    [
                        "properties": ["name": ["type": "string"], "at": ["type": "integer"]],
                        "required": ["name", "at"],
                    ],
                ],
            ],
            as: [
                "type": "object", "description": "By one of two. Give one of: (id, at), (name, at).",
                "properties": [
                    "id": ["type": "integer"], "at": ["anyOf": [["type": "string"], ["type": "integer"]]],
                    "name": ["type": "string"],
                ],
                "required": ["at"],
            ])
    }

    @Test("a server has a top-level anyOf with arms that are no objects, or that only require")
    func anyOf() {
        expectTold(
            ["anyOf": [["type": "null"], ["$ref": "#/$defs/A"]], "$defs": ["A": ["properties": ["a": [:]]]]],
            as: ["type": "object", "properties": ["a": [:]]])
        expectTold(
            ["properties": ["a": [:], "b": [:]], "anyOf": [["required": ["a"]], ["required": ["b"]]]],
            as: ["type": "object", "properties": ["a": [:], "b": [:]], "description": "Give one of: (a), (b)."])
    }

    @Test("a server has a top-level allOf: all properties and all that is required")
    func allOf() {
        expectTold(
            [
                "type": "object", "properties": ["a": ["type": "string"]], "required": ["a"],
                "additionalProperties": false,
                "allOf": [
                    ["properties": ["b": ["type": "integer"]], "required": ["b"]],
                    ["properties": ["a": ["minLength": 3]], "required": ["a", "c"]],
                ],
            ],
            as: [
                "type": "object",
                "properties": [
                    "a": ["allOf": [["type": "string"], ["minLength": 3]]], "b": ["type": "integer"], "c": [:],
                ],
                "required": ["a", "b", "c"],
            ])
    }

    @Test("a server has a top-level condition: what it names may be given")
    func conditions() {
        let schema = ToolSchema([
            "properties": ["kind": ["enum": ["a", "b"]]], "if": ["properties": ["kind": ["const": "a"]]],
            "then": ["properties": ["x": [:]], "required": ["x"]], "else": ["properties": ["y": [:]]],
        ])
        #expect(schema.schema["properties"]?.object?.keys.elements == ["kind", "x", "y"])
        #expect(schema.schema["required"] == nil)
        #expect(schema.losses == ["a condition at its top level"])
    }
}

@Suite("Names of properties that the model API refuses")
struct ToolSchemaNameTests {
    @Test("a server has names with other characters, or too long ones: they are renamed and said")
    func renamed() {
        let long = String(repeating: "a", count: 65)
        var properties: JSONValue = [
            "StartTime<": ["type": "string"], "filter[name]": ["description": "A filter."], "$top": [:], "": [:],
        ]
        properties[long] = [:]
        properties["größe"] = [:]
        let schema = ToolSchema(["properties": properties, "required": ["$top", "StartTime<"]])
        let names = schema.schema["properties"]?.object?.keys.elements ?? []
        #expect(names == ["StartTime_", "filter_name_", "_top", "_", String(long.dropLast()), "gr__e"])
        #expect(schema.schema["required"] == ["_top", "StartTime_"])
        #expect(
            schema.schema["properties"]?["filter_name_"]
                == ["description": "A filter. The tool calls this filter[name]."])
        let given: JSONValue = ["StartTime_": "x", "_top": 3, "_": 1, "own": true]
        #expect(schema.toolArguments(given) == ["StartTime<": "x", "$top": 3, "": 1, "own": true])
    }

    @Test("a server has names that become equal: each is unique, also beside a good one")
    func collisions() {
        let schema = ToolSchema(["properties": ["a[b]": [:], "a(b)": [:], "a_b_": [:]]])
        #expect(schema.renamed == ["a_b__2": "a[b]", "a_b__3": "a(b)"])
        #expect(
            schema.toolArguments(["a_b_": 1, "a_b__2": 2, "a_b__3": 3]) == ["a_b_": 1, "a[b]": 2, "a(b)": 3])
        let long = (0..<100).map { String(repeating: "x", count: 80) + "\($0)" }
        let many = JSONObject(
            long.map { name -> (String, JSONValue) in (name, [:]) }, uniquingKeysWith: { first, _ in first })
        let told = ToolSchema(["properties": .object(many)])
        #expect(SchemaRules.violation(of: told.schema) == nil)
        #expect(Set(told.renamed.values) == Set(long))
    }

    @Test("a server has such names at depth, in lists, definitions and alternatives")
    func deep() {
        let schema = ToolSchema([
            "properties": [
                "filters": ["type": "array", "items": ["$ref": "#/$defs/F"]],
                "either": ["anyOf": [["properties": ["x y": [:]]], ["properties": ["z z": [:]]]]],
                "pair": ["items": [["properties": ["p!": [:]]], [:]]],
                "labels": ["type": "object", "additionalProperties": ["properties": ["k!": [:]]]],
                "free": ["type": "object"],
            ],
            "$defs": ["F": ["type": "object", "properties": ["field<": ["type": "string"]], "required": ["field<"]]],
        ])
        #expect(schema.schema["properties"]?["filters"]?["items"]?["required"] == ["field_"])
        let given: JSONValue = [
            "filters": [["field_": "a"], ["field_": "b"]], "either": ["x_y": 1, "z_z": 2],
            "pair": [["p_": 1], ["p_": 2]],
            "labels": ["field_": ["k_": 1]], "free": ["field_": 1],
        ]
        #expect(
            schema.toolArguments(given) == [
                "filters": [["field<": "a"], ["field<": "b"]], "either": ["x y": 1, "z z": 2],
                "pair": [["p!": 1], ["p_": 2]], "labels": ["field_": ["k!": 1]], "free": ["field_": 1],
            ])
    }
}
