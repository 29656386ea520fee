-- Where the tenant's policy makes the employee number a key, no two resources of a type may share one. Their search documents
-- carry the mark '#employeeNumber', which is no attribute's name; so an employee number that is no key has no row in this index.
CREATE UNIQUE INDEX resources_employee_number ON resources (tenant_id, resource_type, employee_key)
    WHERE employee_key IS NOT NULL AND search ? '#employeeNumber';
