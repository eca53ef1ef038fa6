package import OrderedCollections

/// Any JSON value, for data whose schema is not Omni's: tool schemas and arguments, envelopes, model blocks.
///
/// Objects preserve the order of their keys, so that a value that is sent again has the same bytes (prompt caches
/// compare prefixes); `==` compares that order too. A number without fraction and exponent that fits in 64 bits is an
/// `int`, any other number a `double`.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of a JSON object, in the order in which they were written.
package typealias JSONObject = OrderedDictionary<String, JSONValue>

extension JSONValue {
    /// The string; nil for a value of another kind.
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    /// The Boolean; nil for a value of another kind.
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The elements; nil for a value of another kind.
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The members; nil for a value of another kind.
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
    package var isNull: Bool { self == .null }

    /// The number when it is whole, also when it was written as `3.0`; nil otherwise.
    package var int: Int? {
        switch self {
        case .int(let value): Int(value)
        case .double(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The number, converted to the nearest `Double` when it is an `int`; nil when this is not a number.
    package var double: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    /// The member with that key; nil when this is not an object or has no such member. Setting nil removes the member;
    /// setting has no effect on a value that is not an object.
    package subscript(_ key: String) -> JSONValue? {
        get { if case .object(let members) = self { members[key] } else { nil } }
        set {
            guard case .object(var members) = self else { return }
            self = .null  // `members` is then the only reference to its storage, so that no copy is made
            members[key] = newValue
            self = .object(members)
        }
    }

    /// The element at that index; nil when this is not an array or is shorter.
    package subscript(_ index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByStringInterpolation
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements, uniquingKeysWith: { $1 }))
    }
}
