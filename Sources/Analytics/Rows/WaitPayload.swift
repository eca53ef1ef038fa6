import Bridge

// The steps of a wait as JSON, see ``StoredStep/payload``.

extension Wait {
    var json: JSONValue {
        [
            "id": .string(id.text), "call_id": .string(callID), "message": .string(request.message),
            "choices": .array(request.choices.map(JSONValue.string)),
            "timeout_ms": .int(request.timeout.milliseconds), "expires_at": .string(Timestamp.text(expiresAt)),
            "worked_ms": .int(Int64(workedMilliseconds)),
        ]
    }

    /// nil if a field is missing or has another type.
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string.flatMap({ ULID($0) }), let callID = json["call_id"]?.string,
            let message = json["message"]?.string, let choices = json["choices"]?.array,
            let timeout = json["timeout_ms"]?.int, let worked = json["worked_ms"]?.int,
            let expiresAt = json["expires_at"]?.string.flatMap({ Timestamp.date($0) })
        else { return nil }
        let request = InputRequest(
            message: message, choices: choices.compactMap(\.string), timeout: .milliseconds(timeout))
        self.init(
            id: id, callID: callID, request: request, expiresAt: expiresAt, workedMilliseconds: Int(worked))
    }
}

extension InputAnswer {
    /// - Parameter wait: the id of the wait that it ends.
    func json(endOf wait: ULID) -> JSONValue {
        var json: JSONValue = ["id": .string(wait.text)]
        switch self {
        case .chosen(let choice, let person):
            (json["answer"], json["choice"], json["by"]) = ("chosen", .string(choice), .string(person))
        case .expired: json["answer"] = "expired"
        case .cancelled(let person): (json["answer"], json["by"]) = ("cancelled", .string(person))
        }
        return json
    }

    /// nil if this version cannot read it.
    init?(_ json: JSONValue) {
        let (choice, person) = (json["choice"]?.string, json["by"]?.string)
        switch (json["answer"]?.string, choice, person) {
        case ("chosen", .some(let choice), .some(let person)): self = .chosen(choice, by: person)
        case ("expired", _, _): self = .expired
        case ("cancelled", _, .some(let person)): self = .cancelled(by: person)
        default: return nil
        }
    }
}
