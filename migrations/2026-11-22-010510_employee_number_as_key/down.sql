DROP INDEX resources_employee_number;
